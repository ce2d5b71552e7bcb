import { each, type HealthTable } from '../table.ts';

export const camelK: HealthTable = {
  project: 'Camel K',
  sources: [
    'https://camel.apache.org/camel-k/next/apis/camel-k.html',
    'https://github.com/apache/camel-k/tree/main/pkg/apis/camel/v1',
  ],
  kinds: {
    ...each(['Integration.camel.apache.org', 'Pipe.camel.apache.org'], {
      failing: 'status.phase == "Error"',
      healthy: 'conditions.Ready.status == "True"',
    }),
    ...each(['IntegrationKit.camel.apache.org', 'IntegrationPlatform.camel.apache.org'], {
      failing: 'status.phase in ["Error", "Duplicate"]',
      healthy: 'status.phase == "Ready"',
      message: 'status.phase',
    }),
    // A failed build is repeated; after the last attempt its phase is Error.
    'Build.camel.apache.org': {
      failed: 'status.phase in ["Error", "Interrupted"]',
      failing: 'status.phase == "Failed"',
      healthy: 'status.phase == "Succeeded"',
      message:
        'status.phase + (has(status.error) && status.error != "" ? ": " + status.error' +
        ' : has(status.failure) ? ": " + status.failure.reason : "")',
    },
  },
};
