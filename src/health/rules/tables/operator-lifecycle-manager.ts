import { type HealthTable, nothingToWaitFor } from '../table.ts';

const failureConditions = '["ResolutionFailed", "InstallPlanFailed", "BundleUnpackFailed"]';

export const operatorLifecycleManager: HealthTable = {
  project: 'Operator Lifecycle Manager',
  sources: [
    'https://olm.operatorframework.io/docs/concepts/crds/',
    'https://github.com/operator-framework/api/blob/master/pkg/operators/v1alpha1/subscription_types.go',
    'https://github.com/operator-framework/api/blob/master/pkg/operators/v1alpha1/clusterserviceversion_types.go',
  ],
  kinds: {
    // With manual approval, an upgrade waits for a person while the installed version runs.
    'Subscription.operators.coreos.com': {
      suspended: 'status.state == "UpgradePending" && spec.installPlanApproval == "Manual"',
      failing: `status.state == "UpgradeFailed" || status.conditions.exists(c, c.type in ${failureConditions} && c.status == "True")`,
      healthy: 'status.state in ["AtLatestKnown", "UpgradeAvailable"]',
      message:
        `has(status.conditions) && status.conditions.exists(c, c.type in ${failureConditions} && c.status == "True")` +
        ` ? status.conditions.filter(c, c.type in ${failureConditions} && c.status == "True").map(c, c.type + ": " + c.message)[0]` +
        ' : status.state + (has(status.currentCSV) ? ", " + status.currentCSV : "")',
    },
    'ClusterServiceVersion.operators.coreos.com': {
      failing: 'status.phase == "Failed"',
      healthy: 'status.phase == "Succeeded"',
      message: 'status.phase + (has(status.message) ? ": " + status.message : "")',
    },
    'InstallPlan.operators.coreos.com': {
      suspended: 'status.phase == "RequiresApproval"',
      failed: 'status.phase == "Failed"',
      healthy: 'status.phase == "Complete"',
      message: 'status.phase + (has(status.message) ? ": " + status.message : "")',
    },
    'CatalogSource.operators.coreos.com': {
      healthy: 'status.connectionState.lastObservedState == "READY"',
      message: '"its registry is " + status.connectionState.lastObservedState',
    },
    'OperatorGroup.operators.coreos.com': nothingToWaitFor,
  },
};
