import { each, type HealthTable, nothingToWaitFor, phaseAndMessage } from '../table.ts';

/** `observedGeneration` of a Rollout is a string. */
const isObserved = 'status.observedGeneration == string(metadata.generation)';

export const argoRollouts: HealthTable = {
  project: 'Argo Rollouts',
  sources: [
    'https://argo-rollouts.readthedocs.io/en/stable/features/specification/',
    'https://github.com/argoproj/argo-rollouts/blob/master/pkg/apis/rollouts/v1alpha1/types.go',
  ],
  kinds: {
    // A canary that waits for promotion has reached the step its author wanted. Only an aborted Rollout cannot recover by
    // itself: it is also Degraded before the template, Service or Ingress that it names exists.
    'Rollout.argoproj.io': {
      suspended: `(has(spec.paused) && spec.paused) || (${isObserved} && status.phase == "Paused")`,
      failed: `${isObserved} && status.phase == "Degraded" && status.abort == true`,
      failing: `${isObserved} && status.phase == "Degraded"`,
      progressing:
        'status.workloadObservedGeneration != metadata.annotations["rollout.argoproj.io/workload-generation"]',
      healthy: `${isObserved} && status.phase == "Healthy"`,
      message: phaseAndMessage,
    },
    ...each(['AnalysisRun.argoproj.io', 'Experiment.argoproj.io'], {
      failed: 'status.phase in ["Failed", "Error", "Inconclusive"]',
      healthy: 'status.phase == "Successful"',
      message: phaseAndMessage,
    }),
    ...each(['AnalysisTemplate.argoproj.io', 'ClusterAnalysisTemplate.argoproj.io'], nothingToWaitFor),
  },
};
