import { type HealthTable, phaseAndMessage } from '../table.ts';

export const kargo: HealthTable = {
  project: 'Kargo',
  sources: ['https://github.com/akuity/kargo/blob/main/api/v1alpha1/promotion_types.go'],
  kinds: {
    'Promotion.kargo.akuity.io': {
      failed: 'status.phase in ["Failed", "Errored", "Aborted"]',
      healthy: 'status.phase == "Succeeded"',
      message: phaseAndMessage,
    },
  },
};
