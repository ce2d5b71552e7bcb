import { type HealthTable, nothingToWaitFor } from '../table.ts';

/** Without `automated`, an Application waits for a person to sync it. */
const manual =
  '!(has(spec.syncPolicy) && has(spec.syncPolicy.automated) && ' +
  '!(has(spec.syncPolicy.automated.enabled) && spec.syncPolicy.automated.enabled == false))';

/** The status describes a comparison with an earlier source of the Application. */
const comparedToOldSource =
  '["repoURL", "path", "chart", "targetRevision"].exists(key, has(status.sync.comparedTo.source) && has(spec.source) && ' +
  '(key in spec.source ? spec.source[key] : "") != (key in status.sync.comparedTo.source ? status.sync.comparedTo.source[key] : ""))';

export const argoCd: HealthTable = {
  project: 'Argo CD',
  sources: [
    'https://argo-cd.readthedocs.io/en/stable/operator-manual/health/',
    'https://github.com/argoproj/argo-cd/blob/master/pkg/apis/application/v1alpha1/types.go',
  ],
  kinds: {
    // Its conditions have no status: a condition that is present is true.
    'Application.argoproj.io': {
      suspended: `status.health.status == "Suspended" || (status.sync.status == "OutOfSync" && ${manual})`,
      failed: '"InvalidSpecError" in conditions',
      failing:
        'status.health.status == "Degraded" || "ComparisonError" in conditions || ' +
        '(status.sync.status != "Synced" && status.operationState.phase in ["Failed", "Error"])',
      progressing: `status.operationState.phase == "Running" || ${comparedToOldSource}`,
      healthy: 'status.health.status == "Healthy" && status.sync.status == "Synced"',
      message:
        '"InvalidSpecError" in conditions ? conditions.InvalidSpecError.message' +
        ' : "ComparisonError" in conditions ? conditions.ComparisonError.message' +
        ' : status.sync.status + ", " + status.health.status +' +
        ' (status.health.status == "Degraded" && has(status.health.message) ? ": " + status.health.message' +
        ' : status.sync.status != "Synced" && has(status.operationState) && has(status.operationState.message)' +
        ' ? ": " + status.operationState.message : "")',
    },
    'ApplicationSet.argoproj.io': {
      failing: 'conditions.ErrorOccurred.status == "True"',
      progressing: 'conditions.RolloutProgressing.status == "True"',
      healthy: 'conditions.ResourcesUpToDate.status == "True"',
      message:
        'conditions.ErrorOccurred.status == "True" ? conditions.ErrorOccurred.message : conditions.ResourcesUpToDate.message',
    },
    'AppProject.argoproj.io': nothingToWaitFor,
  },
};
