import type { HealthTable } from '../table.ts';

export const k6: HealthTable = {
  project: 'k6',
  sources: ['https://github.com/grafana/k6-operator/blob/main/api/v1alpha1/testrun_types.go'],
  kinds: {
    'TestRun.k6.io': {
      failed: 'status.stage == "error"',
      healthy: 'status.stage in ["finished", "stopped"]',
      message: 'status.stage',
    },
  },
};
