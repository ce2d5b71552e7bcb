import type { ObjectChange } from '../../model/change-set.ts';
import { isApiError } from '../client/api-error.ts';
import type { KubeClient } from '../client/client.ts';
import { toolName } from '../inventory/applyset.ts';

/** Creates namespaces that objects turn out to need, if the operator's rule allows it (createNamespaces). */
export interface NamespaceCreator {
  /** Resolves to whether the namespace exists now, created here or meanwhile, so that trying again makes sense. */
  create(namespace: string, signal: AbortSignal): Promise<boolean>;
  /** Whether it would be created. Called in a dry run, which then reports it as created. */
  foresee(namespace: string | undefined): boolean;
  /** The namespaces created so far, as changes. They are no members of the set, so nothing ever prunes them. */
  changes(): readonly ObjectChange[];
}

/** Whether an object was refused because its namespace does not exist (and not because it does not exist itself). */
export function isMissingNamespace(error: unknown): boolean {
  return isApiError(error, 404) && /^namespaces "[^"]+" not found/.test(error.apiStatus.message);
}

/** With Slipway's own account: to create namespaces is the operator's right, not the tenant's. */
export function createNamespaceCreator(client: KubeClient, allowed: boolean): NamespaceCreator {
  const running = new Map<string, Promise<void>>();
  const created: ObjectChange[] = [];

  const note = (name: string) => {
    const ref = { group: '', version: 'v1', kind: 'Namespace', name };
    created.push({
      ref,
      action: 'created',
      fields: [],
      notice: { kind: 'namespace-created', summary: 'created because createNamespaces allows it' },
    });
  };

  const post = async (name: string, signal: AbortSignal) => {
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
    changes: () => created,
    foresee(namespace) {
      const isNew = !created.some(({ ref }) => ref.name === namespace);
      if (allowed && namespace !== undefined && isNew) note(namespace);
      return allowed;
    },
    async create(namespace, signal) {
      if (!allowed) return false;
      const request = running.get(namespace) ?? post(namespace, signal);
      running.set(namespace, request);
      await request;
      return true;
    },
  };
}
