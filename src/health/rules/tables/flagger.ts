import { each, type HealthTable, nothingToWaitFor } from '../table.ts';

export const flagger: HealthTable = {
  project: 'Flagger',
  sources: ['https://docs.flagger.app/usage/how-it-works#canary-status'],
  kinds: {
    'Canary.flagger.app': {
      suspended: 'status.phase in ["Waiting", "WaitingPromotion"]',
      failed: 'status.phase == "Failed"',
      healthy: 'status.phase in ["Initialized", "Succeeded"]',
      message: 'conditions.Promoted.message',
    },
    ...each(['MetricTemplate.flagger.app', 'AlertProvider.flagger.app'], nothingToWaitFor),
  },
};
