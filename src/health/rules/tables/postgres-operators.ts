import type { HealthTable } from '../table.ts';

export const zalando: HealthTable = {
  project: 'Postgres Operator (Zalando)',
  sources: [
    'https://postgres-operator.readthedocs.io/en/latest/reference/cluster_manifest/',
    'https://github.com/zalando/postgres-operator/blob/master/pkg/apis/acid.zalan.do/v1/const.go',
  ],
  kinds: {
    'postgresql.acid.zalan.do': {
      failed: 'status.PostgresClusterStatus == "Invalid"',
      failing: 'status.PostgresClusterStatus in ["CreateFailed", "UpdateFailed", "SyncFailed"]',
      healthy: 'status.PostgresClusterStatus == "Running"',
      message: 'status.PostgresClusterStatus',
    },
  },
};

export const crunchy: HealthTable = {
  project: 'PGO (Crunchy Data)',
  sources: ['https://access.crunchydata.com/documentation/postgres-operator/latest/references/crd'],
  kinds: {
    'PostgresCluster.postgres-operator.crunchydata.com': {
      suspended: '(has(spec.shutdown) && spec.shutdown) || (has(spec.paused) && spec.paused)',
      healthy:
        'status.instances.size() > 0 && ' +
        'status.instances.all(i, i.readyReplicas == i.replicas && i.updatedReplicas == i.replicas)',
      message:
        'status.instances.exists(i, i.readyReplicas != i.replicas)' +
        ' ? "instance set " + status.instances.filter(i, i.readyReplicas != i.replicas)[0].name + " is not ready"' +
        ' : "instances ready"',
    },
  },
};
