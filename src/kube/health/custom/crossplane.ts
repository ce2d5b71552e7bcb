import type { HealthTable } from './table.ts';

const message =
  'has(conditions.Synced) && conditions.Synced.status == "False"' +
  ' ? conditions.Synced.reason + ": " + conditions.Synced.message : conditions.Ready.reason';

/**
 * Managed resources, composites and claims: `Synced` says whether the last reconciliation worked, `Ready` whether what
 * it describes is there. `ReconcilePaused` is the reason while `crossplane.io/paused` stands on it.
 */
export const composedByCrossplane = {
  suspended: 'conditions.Synced.reason == "ReconcilePaused"',
  failing: 'conditions.Synced.status == "False"',
  healthy: 'conditions.Synced.status == "True" && conditions.Ready.status == "True"',
  message,
};

/** `Installed`: the package has an active revision; `Healthy`: that revision runs. */
const packaged = {
  suspended:
    'conditions.Installed.reason == "ReconcilePaused" || spec.revisionActivationPolicy == "Manual" && conditions.Installed.reason == "InactivePackageRevision"',
  failing:
    'conditions.Healthy.status == "False" && conditions.Installed.status == "True" || conditions.Installed.reason == "UnpackingFailed"',
  healthy: 'conditions.Installed.status == "True" && conditions.Healthy.status == "True"',
  message: '(conditions.Installed.status == "True" ? conditions.Healthy : conditions.Installed).message',
};

export const crossplane: HealthTable = {
  project: 'Crossplane',
  sources: [
    'https://docs.crossplane.io/latest/api/',
    'https://docs.crossplane.io/latest/managed-resources/managed-resources/',
  ],
  kinds: {
    'Provider.pkg.crossplane.io': packaged,
  },
};
