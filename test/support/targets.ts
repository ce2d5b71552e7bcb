import type { Target } from '../../src/model/target.ts';
import { targetId } from '../../src/model/target.ts';

/** A target with every field filled in; only what a test is about is given. */
export function aTarget(fields: Partial<Target> = {}): Target {
  const composition = { repository: 'github/acme/web', app: 'web', environment: 'production' };
  return {
    ...composition,
    id: targetId({ ...composition, ...fields }),
    branch: 'main',
    cluster: 'prod',
    namespace: 'loans',
    path: 'deploy/web',
    helm: { releaseName: 'web', values: [] },
    dependsOn: [],
    timeoutMs: 60_000,
    failFastMs: 10_000,
    ...fields,
  };
}
