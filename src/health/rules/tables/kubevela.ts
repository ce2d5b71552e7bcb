import type { HealthTable } from '../table.ts';

export const kubeVela: HealthTable = {
  project: 'KubeVela',
  sources: [
    'https://kubevela.io/docs/platform-engineers/debug/debug/',
    'https://github.com/kubevela/kubevela/blob/master/apis/core.oam.dev/common/types.go',
  ],
  kinds: {
    // A suspended workflow waits for a person to resume it.
    'Application.core.oam.dev': {
      suspended: 'status.status == "workflowSuspending"',
      failed: 'status.status in ["workflowFailed", "workflowTerminated"]',
      failing: 'status.status == "unhealthy"',
      healthy: 'status.status == "running"',
      message:
        'status.status + (has(status.workflow) && has(status.workflow.message) && status.workflow.message != "" ? ": " + status.workflow.message : "")',
    },
  },
};
