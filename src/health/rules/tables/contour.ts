import type { HealthTable } from '../table.ts';

export const contour: HealthTable = {
  project: 'Contour',
  sources: ['https://projectcontour.io/docs/main/config/api/'],
  kinds: {
    // Orphaned means that no root delegates to it, as long as its root is not deployed.
    'HTTPProxy.projectcontour.io': {
      failing: 'status.currentStatus == "invalid"',
      healthy: 'status.currentStatus == "valid"',
      message: 'status.currentStatus + (has(status.description) ? ": " + status.description : "")',
    },
  },
};
