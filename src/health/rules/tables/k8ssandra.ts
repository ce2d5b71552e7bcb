import type { HealthTable } from '../table.ts';

export const k8ssandra: HealthTable = {
  project: 'K8ssandra',
  sources: ['https://docs.k8ssandra.io/reference/crd/cass-operator-crds-latest/'],
  kinds: {
    // It stays Ready while it is updated.
    'CassandraDatacenter.cassandra.datastax.com': {
      suspended: 'conditions.Stopped.status == "True"',
      failing: 'conditions.Valid.status == "False"',
      healthy: 'status.cassandraOperatorProgress == "Ready" && conditions.Ready.status == "True"',
      message:
        'has(conditions.Valid) && conditions.Valid.status == "False" ? conditions.Valid.reason + ": " + conditions.Valid.message' +
        ' : has(status.cassandraOperatorProgress) ? status.cassandraOperatorProgress : ""',
    },
  },
};
