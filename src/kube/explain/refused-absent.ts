import type { ApiStatus } from '../client/api-error.ts';
import type { Explanation, RefusalRule, RefusedRequest } from './explanation.ts';
import { missingKindOf } from './missing-kind.ts';

/** Refusals because what the object needs does not exist, or is about to be deleted. */
export const absentRules: RefusalRule[] = [missingNamespace, terminatingNamespace, missingKind];

function missingNamespace(
  message: string,
  request: RefusedRequest,
  status: ApiStatus,
): Explanation | undefined {
  const name = /^namespaces "([^"]+)" not found/.exec(message)?.[1];
  if (status.code !== 404 || name === undefined || request.ref.kind === 'Namespace') return undefined;
  return {
    code: 'NAMESPACE_MISSING',
    what: `the namespace ${name} does not exist on cluster ${request.cluster}`,
    hint: `Create it, add it to the app, or set createNamespaces: true for it in server.yaml.`,
  };
}

function terminatingNamespace(message: string): Explanation | undefined {
  const name = /in namespace (\S+) because it is being terminated/.exec(message)?.[1];
  if (!name) return undefined;
  return {
    code: 'OBJECT_REFUSED',
    what: `the namespace ${name} is being deleted`,
    hint: `Wait until it is deleted, then retry the release. kubectl get namespace ${name} -o yaml shows what blocks the deletion.`,
  };
}

function missingKind(_message: string, request: RefusedRequest, status: ApiStatus): Explanation | undefined {
  if (status.code !== 404 || request.verb !== 'patch') return undefined;
  return missingKindOf(request.ref, request.cluster);
}
