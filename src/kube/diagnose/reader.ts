import { SlipwayError } from '../../errors.ts';
import type { KubeObject } from '../../model/object.ts';
import { asEither } from '../client/as-either.ts';
import type { KubeClient, Query } from '../client/client.ts';
import { itemsOf } from '../list.ts';

/** Reads the objects that explain a failure. */
export interface Reader {
  /** Empty also if neither account may list or the list fails: the diagnosis is then less detailed. Rejects only on abort. */
  list(path: string, query: Query): Promise<KubeObject[]>;
}

/** Reads with Slipway's own account, else as `account`. */
export function createReader(
  client: Pick<KubeClient, 'request'>,
  signal: AbortSignal,
  account?: string | undefined,
): Reader {
  return {
    async list(path, query) {
      const request = { path, query, signal, retryBudgetMs: 1_000, timeoutMs: 5_000 };
      try {
        const { body } = await asEither(account, (as) => client.request({ ...request, as }));
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
