import { toSlipwayError } from '../errors.ts';
import { type RepositoryId, repositoryOf } from '../model/target.ts';
import type { Clusters, ParentRecord } from '../ports/cluster.ts';
import type { Logger } from '../telemetry/logger.ts';

/** Many repositories are looked at for the first time at once, after Redis was emptied: they share one list. */
const KEEP_MS = 60_000;

/** What the clusters know of the targets of a repository. */
export interface ClusterRecords {
  /** Empty if the cluster cannot be read: that is logged. */
  of(repository: RepositoryId, cluster: string): Promise<ParentRecord[]>;
}

export function createClusterRecords(clusters: Clusters, log: Logger): ClusterRecords {
  const lists = new Map<string, Promise<Map<RepositoryId, ParentRecord[]>>>();

  function list(cluster: string) {
    const known = lists.get(cluster);
    if (known) return known;
    const reading = clusters
      .get(cluster)
      .targets()
      .then((records) => Map.groupBy(records, ({ target }) => repositoryOf(target)));
    lists.set(cluster, reading);
    setTimeout(() => lists.delete(cluster), KEEP_MS).unref();
    return reading;
  }

  return {
    async of(repository, cluster) {
      try {
        return (await list(cluster)).get(repository) ?? [];
      } catch (error) {
        lists.delete(cluster);
        log.warn({ cluster, reason: toSlipwayError(error).message }, 'targets of a cluster not read');
        return [];
      }
    },
  };
}
