import { toSlipwayError } from '../errors.ts';
import { type RepositoryId, repositoryOf } from '../model/target.ts';
import type { Clusters, RecordedTarget } from '../ports/cluster.ts';
import type { Logger } from '../telemetry/logger.ts';

/** Many repositories are looked at for the first time at once, after Redis was emptied: they share one list. */
const KEEP_MS = 60_000;

/** What each cluster may take to respond: the first intakes of all repositories wait for the slowest one. */
const TIMEOUT_MS = 10_000;

/** What the clusters know of the targets of a repository. */
export interface ClusterRecords {
  /** Of all clusters of server.yaml. A cluster that cannot be read is logged and left out. */
  of(repository: RepositoryId): Promise<ClusterRecord[]>;
}

export interface ClusterRecord extends RecordedTarget {
  cluster: string;
}

type Records = Map<RepositoryId, ClusterRecord[]>;

export function createClusterRecords(clusters: Clusters, names: string[], log: Logger): ClusterRecords {
  const lists = new Map<string, Promise<Records>>();

  /** A failure is kept too, so that one cluster that is away delays the repositories together, and not one by one. */
  function list(cluster: string): Promise<Records> {
    const known = lists.get(cluster);
    if (known) return known;
    const reading = read(cluster);
    lists.set(cluster, reading);
    setTimeout(() => lists.delete(cluster), KEEP_MS).unref();
    return reading;
  }

  async function read(cluster: string): Promise<Records> {
    try {
      const records = await clusters.get(cluster).targets(AbortSignal.timeout(TIMEOUT_MS));
      const known = records.map((record) => ({ ...record, cluster }));
      return Map.groupBy(known, ({ target }) => repositoryOf(target));
    } catch (error) {
      log.warn({ cluster, reason: toSlipwayError(error).message }, 'targets of a cluster not read');
      return new Map();
    }
  }

  return {
    async of(repository) {
      const found = await Promise.all(names.map(list));
      return found.flatMap((records) => records.get(repository) ?? []);
    },
  };
}
