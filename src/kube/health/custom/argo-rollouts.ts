import { each, type HealthTable, nothingToWaitFor, phaseAndMessage } from './table.ts';

/** `observedGeneration` of a Rollout is a text. */
const seen = 'status.observedGeneration == string(metadata.generation)';

export const argoRollouts: HealthTable = {
  project: 'Argo Rollouts',
  sources: [
    'https://argo-rollouts.readthedocs.io/en/stable/features/specification/',
    'https://github.com/argoproj/argo-rollouts/blob/master/pkg/apis/rollouts/v1alpha1/types.go',
  ],
  kinds: {
    // A canary that waits for its promotion has come as far as its author wanted.
    'Rollout.argoproj.io': {
      suspended: `(has(spec.paused) && spec.paused) || (${seen} && status.phase == "Paused")`,
      failed: `${seen} && status.phase == "Degraded"`,
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
