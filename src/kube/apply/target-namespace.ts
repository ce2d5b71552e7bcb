import type { ObjectChange } from '../../model/change-set.ts';
import { isApiError } from '../client/api-error.ts';
import type { KubeClient } from '../client/client.ts';
import { toolName } from '../inventory/applyset.ts';

/** Makes namespaces that objects turn out to miss, where the operator's rule allows it (createNamespaces). */
export interface NamespaceMaker {
  /** Resolves to whether the namespace was made now or by another object meanwhile, so that trying again makes sense. */
  make(namespace: string, signal: AbortSignal): Promise<boolean>;
  /** What a dry run has to say of a namespace that would be made. */
  foresee(namespace: string): void;
  /** The namespaces made, as changes: they are no members of the set, so nothing ever prunes them. */
  readonly made: ObjectChange[];
}

/** The refusal of an object whose namespace does not exist (and not of one that is missing itself). */
export function isMissingNamespace(error: unknown): boolean {
  return isApiError(error, 404) && /^namespaces "[^"]+" not found/.test(error.apiStatus.message);
}

/** With Slipway's own account: creating namespaces is the operator's right, not the tenant's. */
export function createNamespaceMaker(client: KubeClient, allowed: boolean): NamespaceMaker {
  const making = new Map<string, Promise<void>>();
  const made: ObjectChange[] = [];

  const note = (name: string) => {
    const ref = { group: '', version: 'v1', kind: 'Namespace', name };
    made.push({ ref, action: 'created', fields: [], reason: 'made because createNamespaces allows it' });
  };

  const create = async (name: string, signal: AbortSignal) => {
    const labels = { 'app.kubernetes.io/managed-by': toolName };
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
    try {
      await client.request({ method: 'POST', path: '/api/v1/namespaces', body, signal });
    } catch (error) {
      if (isApiError(error, 409)) return;
      throw error;
    }
    note(name);
  };

  return {
    made,
    foresee(namespace) {
      if (!made.some(({ ref }) => ref.name === namespace)) note(namespace);
    },
    async make(namespace, signal) {
      if (!allowed) return false;
      const running = making.get(namespace) ?? create(namespace, signal);
      making.set(namespace, running);
      await running;
      return true;
    },
  };
}
