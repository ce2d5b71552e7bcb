/** When a hook runs: before the app's objects, with them, after they are healthy, or after a release failed. */
export type HookMoment = 'pre-deploy' | 'deploy' | 'post-deploy' | 'on-failure';

/** When a hook's object is deleted. */
export type HookDelete = 'before-creation' | 'succeeded' | 'failed';

/** The meaning of one value of a hook annotation. */
export type HookWord =
  | { runs: HookMoment; only?: 'install' | 'upgrade' }
  /** The object is never applied; the text says why. `stays`: a live object is not pruned. */
  | { never: string; stays?: true }
  /** Not a hook here: an ordinary object of the app. */
  | 'object';

export const slipwayHooks: ReadonlyMap<string, HookWord> = new Map<string, HookWord>([
  ['pre-deploy', { runs: 'pre-deploy' }],
  ['post-deploy', { runs: 'post-deploy' }],
  ['on-failure', { runs: 'on-failure' }],
]);

/** argo-cd.readthedocs.io/en/stable/user-guide/sync-waves */
export const argoHooks: ReadonlyMap<string, HookWord> = new Map<string, HookWord>([
  ['PreSync', { runs: 'pre-deploy' }],
  ['Sync', { runs: 'deploy' }],
  ['PostSync', { runs: 'post-deploy' }],
  ['SyncFail', { runs: 'on-failure' }],
  ['Skip', { never: 'Argo CD skips it too', stays: true }],
  ['PreDelete', { never: 'it is for the deletion of a whole app' }],
  ['PostDelete', { never: 'it is for the deletion of a whole app' }],
]);

/** helm.sh/docs/topics/charts_hooks */
export const helmHooks: ReadonlyMap<string, HookWord> = new Map<string, HookWord>([
  ['pre-install', { runs: 'pre-deploy', only: 'install' }],
  ['post-install', { runs: 'post-deploy', only: 'install' }],
  ['pre-upgrade', { runs: 'pre-deploy', only: 'upgrade' }],
  ['post-upgrade', { runs: 'post-deploy', only: 'upgrade' }],
  ['pre-delete', { never: 'it is for the deletion of a whole app' }],
  ['post-delete', { never: 'it is for the deletion of a whole app' }],
  ['pre-rollback', { never: 'a rollback is a release of an older commit' }],
  ['post-rollback', { never: 'a rollback is a release of an older commit' }],
  ['test', { never: 'a Helm test is never applied' }],
  ['test-success', { never: 'a Helm test is never applied' }],
  ['test-failure', { never: 'a Helm test is never applied' }],
  // A value of Helm 2. Argo CD applies such a definition like any other object, and so does Slipway.
  ['crd-install', 'object'],
]);

export const slipwayDeletes: ReadonlyMap<string, HookDelete> = new Map<string, HookDelete>([
  ['before-creation', 'before-creation'],
  ['succeeded', 'succeeded'],
  ['failed', 'failed'],
]);

export const argoDeletes: ReadonlyMap<string, HookDelete> = new Map<string, HookDelete>([
  ['BeforeHookCreation', 'before-creation'],
  ['HookSucceeded', 'succeeded'],
  ['HookFailed', 'failed'],
]);

export const helmDeletes: ReadonlyMap<string, HookDelete> = new Map<string, HookDelete>([
  ['before-hook-creation', 'before-creation'],
  ['hook-succeeded', 'succeeded'],
  ['hook-failed', 'failed'],
]);
