import type { HealthTable } from '../table.ts';

export const gardener: HealthTable = {
  project: 'Gardener',
  sources: [
    'https://gardener.cloud/docs/gardener/api-reference/core/',
    'https://github.com/gardener/gardener/blob/master/docs/usage/shoot/shoot_status.md',
  ],
  kinds: {
    // Error is retried, Failed is not.
    'Shoot.core.gardener.cloud': {
      failed: 'status.lastOperation.state in ["Failed", "Aborted"]',
      failing: 'status.lastOperation.state == "Error"',
      healthy:
        'status.lastOperation.state == "Succeeded" && (!has(status.conditions) || status.conditions.all(c, c.status == "True"))',
      message:
        'status.lastOperation.state == "Succeeded" && has(status.conditions) && status.conditions.exists(c, c.status != "True")' +
        ' ? status.conditions.filter(c, c.status != "True").map(c, c.type + ": " + c.message)[0]' +
        ' : status.lastOperation.state + (has(status.lastOperation.description) ? ": " + status.lastOperation.description : "")',
    },
  },
};
