import { each, type HealthTable, nothingToWaitFor } from '../table.ts';

export const keda: HealthTable = {
  project: 'KEDA',
  sources: [
    'https://keda.sh/docs/latest/reference/scaledobject-spec/',
    'https://keda.sh/docs/latest/reference/scaledjob-spec/',
    'https://github.com/kedacore/keda/blob/main/apis/keda/v1alpha1/condition_types.go',
  ],
  kinds: {
    // Active says only whether there is work now. Fallback means that the source of its metrics does not respond.
    'ScaledObject.keda.sh': {
      suspended: 'conditions.Paused.status == "True"',
      failing: 'conditions.Ready.status == "False" || conditions.Fallback.status == "True"',
      healthy: 'conditions.Ready.status == "True"',
    },
    'ScaledJob.keda.sh': {
      suspended: 'conditions.Paused.status == "True"',
      failing: 'conditions.Ready.status == "False"',
      healthy: 'conditions.Ready.status == "True"',
    },
    ...each(['TriggerAuthentication.keda.sh', 'ClusterTriggerAuthentication.keda.sh'], nothingToWaitFor),
  },
};
