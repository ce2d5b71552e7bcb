import { each, type HealthTable, type KindRule, nothingToWaitFor, readyOrWaiting } from '../table.ts';

/**
 * Managed resources, composites and claims. `Synced` says whether the last reconciliation succeeded, `Ready` whether the
 * external resource is available. The reason is ReconcilePaused if the object has the annotation `crossplane.io/paused`.
 */
export const composedByCrossplane: KindRule = {
  suspended: 'conditions.Synced.reason == "ReconcilePaused"',
  failing: 'conditions.Synced.status == "False"',
  healthy: 'conditions.Synced.status == "True" && conditions.Ready.status == "True"',
  message:
    'conditions.Synced.status == "False" ? conditions.Synced.reason + ": " + conditions.Synced.message : conditions.Ready.reason',
};

/** `Healthy` is also False while the package's pods start, so False is progressing, not failed. */
const packaged: KindRule = {
  suspended:
    'spec.revisionActivationPolicy == "Manual" && conditions.Installed.reason == "InactivePackageRevision"',
  healthy: 'conditions.Installed.status == "True" && conditions.Healthy.status == "True"',
  message:
    'conditions.Installed.status == "True" ? conditions.Healthy.reason + ": " + conditions.Healthy.message : conditions.Installed.reason',
};

/** The condition is `True` while the operation is active, `False` if it is paused or failing. */
const repeated = (type: string, word: string): KindRule => ({
  suspended: `conditions.${type}.reason == "${word}Paused"`,
  failing: `conditions.${type}.status == "False"`,
  healthy: `conditions.${type}.status == "True"`,
  message: `conditions.${type}.reason + ": " + (has(conditions.${type}.message) ? conditions.${type}.message : "")`,
});

export const crossplane: HealthTable = {
  project: 'Crossplane',
  sources: [
    'https://docs.crossplane.io/latest/api/',
    'https://docs.crossplane.io/latest/managed-resources/managed-resources/',
    'https://github.com/crossplane/crossplane/blob/main/apis/pkg/v1/conditions.go',
  ],
  kinds: {
    '*.*.crossplane.io': composedByCrossplane,
    '*.*.upbound.io': composedByCrossplane,
    ...each(
      [
        'ProviderConfig.*.crossplane.io',
        'ProviderConfig.*.upbound.io',
        'ClusterProviderConfig.*.crossplane.io',
        'ClusterProviderConfig.*.upbound.io',
        'Composition.apiextensions.crossplane.io',
        'EnvironmentConfig.apiextensions.crossplane.io',
        'DeploymentRuntimeConfig.pkg.crossplane.io',
        'ControllerConfig.pkg.crossplane.io',
        'ImageConfig.pkg.crossplane.io',
        'StoreConfig.secrets.crossplane.io',
      ],
      nothingToWaitFor,
    ),
    'Usage.apiextensions.crossplane.io': readyOrWaiting,
    'ManagedResourceActivationPolicy.apiextensions.crossplane.io': {
      healthy: 'conditions.Healthy.status == "True"',
    },
    // Most definitions of a provider are inactive on purpose.
    'ManagedResourceDefinition.apiextensions.crossplane.io': {
      suspended: 'conditions.Established.reason == "InactiveManagedResource"',
      healthy: 'conditions.Established.status == "True"',
      message: 'conditions.Established.reason',
    },
    ...each(
      ['Provider.pkg.crossplane.io', 'Configuration.pkg.crossplane.io', 'Function.pkg.crossplane.io'],
      packaged,
    ),
    'CompositeResourceDefinition.apiextensions.crossplane.io': {
      healthy:
        'conditions.Established.status == "True" && (!has(spec.claimNames) || conditions.Offered.status == "True")',
      message: 'conditions.Established.reason',
    },
    '*.protection.crossplane.io': readyOrWaiting,
    'Operation.ops.crossplane.io': {
      failed: 'conditions.Succeeded.status == "False"',
      healthy: 'conditions.Succeeded.status == "True"',
    },
    'CronOperation.ops.crossplane.io': repeated('Scheduling', 'Schedule'),
    'WatchOperation.ops.crossplane.io': repeated('Watching', 'Watch'),
  },
};
