import { parseTargetId, type Target } from '../model/target.ts';
import type { Admission } from '../ports/admission.ts';
import type { ClusterRecord } from './cluster-records.ts';

/** As slipway.yaml has them if it says nothing: how long an attempt to remove the target is repeated. */
const TIMEOUT_MS = 5 * 60_000;

/**
 * A target that slipway.yaml no longer has, as far as its ApplySet parent tells: enough to remove it. Redis knew more of
 * it and was emptied. Its namespace only decides which rule of server.yaml admits it, so any one that is admitted will do.
 */
export function recordedTarget(
  { target: id, cluster, namespaces }: ClusterRecord,
  branch: string,
  { refusals }: Pick<Admission, 'refusals'>,
): Target | undefined {
  const parts = parseTargetId(id);
  if (!parts) return undefined;
  const target: Target = {
    id,
    ...parts,
    branch,
    cluster,
    namespace: '',
    path: '.',
    helm: { releaseName: parts.app, values: [] },
    dependsOn: [],
    timeoutMs: TIMEOUT_MS,
    failFastMs: TIMEOUT_MS,
  };
  const [first = '', ...others] = namespaces;
  const admitted = [first, ...others].find((namespace) => refusals({ ...target, namespace }).length === 0);
  return { ...target, namespace: admitted ?? first };
}
