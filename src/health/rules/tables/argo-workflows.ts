import { each, type HealthTable, nothingToWaitFor, phaseAndMessage } from '../table.ts';

export const argoWorkflows: HealthTable = {
  project: 'Argo Workflows and Events',
  sources: [
    'https://argo-workflows.readthedocs.io/en/latest/fields/',
    'https://argo-workflows.readthedocs.io/en/latest/cron-workflows/',
    'https://argoproj.github.io/argo-events/APIs/',
  ],
  kinds: {
    'Workflow.argoproj.io': {
      suspended: 'spec.suspend == true',
      failed: 'status.phase in ["Failed", "Error"]',
      healthy: 'status.phase == "Succeeded"',
      message: phaseAndMessage,
    },
    'CronWorkflow.argoproj.io': {
      suspended: 'spec.suspend == true',
      failed: 'conditions.SpecError.status == "True"',
      failing: 'conditions.SubmissionError.status == "True"',
      healthy: 'true',
      message:
        'conditions.SpecError.status == "True" ? conditions.SpecError.message : conditions.SubmissionError.message',
    },
    ...each(
      [
        'WorkflowTemplate.argoproj.io',
        'ClusterWorkflowTemplate.argoproj.io',
        'WorkflowEventBinding.argoproj.io',
      ],
      nothingToWaitFor,
    ),
    // Each kind has conditions of its own (Deployed, Configured, SourcesProvided, …), all of them positive.
    ...each(['EventBus.argoproj.io', 'EventSource.argoproj.io', 'Sensor.argoproj.io'], {
      failing: 'status.conditions.exists(c, c.status == "False")',
      healthy: 'status.conditions.size() > 0 && status.conditions.all(c, c.status == "True")',
      message:
        '(status.conditions.exists(c, c.status == "False") ? status.conditions.filter(c, c.status == "False")' +
        ' : status.conditions.filter(c, c.status != "True"))[0].message',
    }),
  },
};
