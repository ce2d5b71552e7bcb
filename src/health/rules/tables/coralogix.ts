import type { HealthTable } from '../table.ts';

export const coralogix: HealthTable = {
  project: 'Coralogix Operator',
  sources: [
    'https://github.com/coralogix/coralogix-operator/blob/main/docs/api.md',
    'https://github.com/coralogix/coralogix-operator/blob/main/internal/utils/conditions.go',
  ],
  kinds: {
    // Older versions report only the id of the object at Coralogix.
    '*.coralogix.com': {
      failing: 'conditions.RemoteSynced.status == "False"',
      healthy: 'conditions.RemoteSynced.status == "True" || (has(status.id) && !has(status.conditions))',
      message: 'conditions.RemoteSynced.reason + ": " + conditions.RemoteSynced.message',
    },
  },
};
