import type { HealthTable } from '../table.ts';

export const longhorn: HealthTable = {
  project: 'Longhorn',
  sources: [
    'https://github.com/longhorn/longhorn-manager/blob/master/k8s/pkg/apis/longhorn/v1beta2/volume.go',
  ],
  kinds: {
    // A volume that no pod uses is detached, and its robustness is unknown.
    'Volume.longhorn.io': {
      failing: 'status.robustness == "faulted"',
      healthy: 'status.state == "detached" || (status.state == "attached" && status.robustness == "healthy")',
      message: 'status.state + ", " + status.robustness',
    },
  },
};
