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
  /** Of all clusters of server.yaml. A cluster that cannot be read is logged. */
  of(repository: RepositoryId): Promise<Recorded>;
}

export interface Recorded {
  records: ClusterRecord[];
  /** False: a cluster could not be read. */
  isComplete: boolean;
}

export interface ClusterRecord extends RecordedTarget {
  cluster: string;
}

type Records = Map<RepositoryId, ClusterRecord[]>;

export function createClusterRecords(clusters: Clusters, names: string[], log: Logger): ClusterRecords {
  const lists = new Map<string, Promise<Records | undefined>>();

  /** A failure is kept too, so that one cluster that is away delays the repositories together, and not one by one. */
  function list(cluster: string): Promise<Records | undefined> {
    const known = lists.get(cluster);
    if (known) return known;
    const reading = read(cluster);
    lists.set(cluster, reading);
    setTimeout(() => lists.delete(cluster), KEEP_MS).unref();
    return reading;
  }

  async function read(cluster: string): Promise<Records | undefined> {
    try {
      const records = await clusters.get(cluster).targets(AbortSignal.timeout(TIMEOUT_MS));
      const known = records.map((record) => ({ ...record, cluster }));
      return Map.groupBy(known, ({ target }) => repositoryOf(target));
    } catch (error) {
      log.warn({ cluster, reason: toSlipwayError(error).message }, 'targets of a cluster not read');
      return undefined;
    }
  }

  return {
    async of(repository) {
      const found = await Promise.all(names.map(list));
      const records = found.flatMap((one) => one?.get(repository) ?? []);
      return { records, isComplete: found.every((one) => one !== undefined) };
    },
  };
}
