import type { HealthTable } from '../table.ts';

export const minio: HealthTable = {
  project: 'MinIO',
  sources: [
    'https://github.com/minio/operator/blob/master/docs/tenant_crd.adoc',
    'https://github.com/minio/operator/blob/master/pkg/controller/main-controller.go',
  ],
  kinds: {
    // Any other state is a step on the way. Yellow means that a drive or a server is missing, but data is available.
    'Tenant.minio.min.io': {
      healthy:
        'status.currentState in ["Initialized", "Ready"] && ' +
        '(!has(status.healthStatus) || status.healthStatus in ["", "green", "yellow"])',
      message:
        'status.currentState + (has(status.healthStatus) && status.healthStatus != "" ? ", health " + status.healthStatus : "")',
    },
  },
};
