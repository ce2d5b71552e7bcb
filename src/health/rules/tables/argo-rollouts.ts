import { each, type HealthTable, nothingToWaitFor, phaseAndMessage } from '../table.ts';

/** `observedGeneration` of a Rollout is a text. */
const seen = 'status.observedGeneration == string(metadata.generation)';

export const argoRollouts: HealthTable = {
  project: 'Argo Rollouts',
  sources: [
    'https://argo-rollouts.readthedocs.io/en/stable/features/specification/',
    'https://github.com/argoproj/argo-rollouts/blob/master/pkg/apis/rollouts/v1alpha1/types.go',
  ],
  kinds: {
    // A canary that waits for its promotion has come as far as its author wanted. Only an aborted one does not go on by
    // itself: Degraded is also what it is before the template, Service or Ingress that it names is there.
    'Rollout.argoproj.io': {
      suspended: `(has(spec.paused) && spec.paused) || (${seen} && status.phase == "Paused")`,
      failed: `${seen} && status.phase == "Degraded" && status.abort == true`,
      failing: `${seen} && status.phase == "Degraded"`,
      progressing:
        'status.workloadObservedGeneration != metadata.annotations["rollout.argoproj.io/workload-generation"]',
      healthy: `${seen} && status.phase == "Healthy"`,
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
