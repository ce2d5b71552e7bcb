import { each, type HealthTable, nothingToWaitFor } from '../table.ts';

export const tekton: HealthTable = {
  project: 'Tekton',
  sources: [
    'https://tekton.dev/docs/pipelines/pipelineruns/#monitoring-execution-status',
    'https://tekton.dev/docs/pipelines/taskruns/#monitoring-execution-status',
  ],
  kinds: {
    ...each(['PipelineRun.tekton.dev', 'TaskRun.tekton.dev', 'CustomRun.tekton.dev'], {
      suspended: 'spec.status == "PipelineRunPending"',
      failed: 'conditions.Succeeded.status == "False"',
      healthy: 'conditions.Succeeded.status == "True"',
    }),
    ...each(['Pipeline.tekton.dev', 'Task.tekton.dev', 'StepAction.tekton.dev'], nothingToWaitFor),
  },
};
