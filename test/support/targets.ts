import type { Target } from '../../src/model/target.ts';
import { targetId } from '../../src/model/target.ts';
import type { Found } from '../../src/ports/desired.ts';

export function target(app: string, more: Partial<Target> = {}): Target {
  const parts = { repository: 'github/acme/loans', app, environment: 'production' };
  return {
    ...parts,
    id: targetId(parts),
    branch: 'main',
    cluster: 'prod',
    namespace: 'loans',
    path: `deploy/${app}`,
    helm: { releaseName: app, values: [] },
    dependsOn: [],
    timeoutMs: 60_000,
    failFastMs: 10_000,
    ...more,
  };
}

export function found(app: string, contentKey: string, commit = contentKey): Found {
  return { target: target(app), commit, contentKey, cause: { kind: 'push' }, index: 0 };
}
