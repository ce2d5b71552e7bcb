import type { Target } from '../../src/model/target.ts';
import { targetId } from '../../src/model/target.ts';

/** A target with every field set; a test gives only the fields that it is about. */
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
