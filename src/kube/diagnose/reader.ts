import { SlipwayError } from '../../errors.ts';
import type { KubeObject } from '../../model/object.ts';
import type { KubeClient, Query } from '../client/client.ts';
import { itemsOf } from '../list.ts';

/** Reads the objects that explain a failure. */
export interface Reader {
  /** Empty also if the list is forbidden or fails: the diagnosis is then less detailed. Rejects only on abort. */
  list(path: string, query: Query): Promise<KubeObject[]>;
}

export function createReader(client: Pick<KubeClient, 'request'>, signal: AbortSignal): Reader {
  return {
    async list(path, query) {
      try {
        const { body } = await client.request({
          path,
          query,
          signal,
          retryBudgetMs: 1_000,
          timeoutMs: 5_000,
        });
        return itemsOf(body);
      } catch (error) {
        if (signal.aborted || !(error instanceof SlipwayError)) throw error;
        return [];
      }
    },
  };
}

/** Path of a built-in kind's collection in an object's namespace; events of cluster-scoped objects are in `default`. */
export function siblingsPath(object: KubeObject, root: string, resource: string): string {
  return `${root}/namespaces/${encodeURIComponent(object.metadata.namespace ?? 'default')}/${resource}`;
}
