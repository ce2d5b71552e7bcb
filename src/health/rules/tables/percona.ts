import { each, type HealthTable } from '../table.ts';

const message =
  'status.state + (has(status.message) && size(status.message) > 0 ? ": " + (type(status.message) == list ? status.message[0] : status.message) : "")';

export const percona: HealthTable = {
  project: 'Percona',
  sources: [
    'https://docs.percona.com/percona-operator-for-mysql/pxc/operator.html',
    'https://docs.percona.com/percona-operator-for-mongodb/operator.html',
    'https://docs.percona.com/percona-operator-for-postgresql/latest/operator.html',
    'https://github.com/percona/percona-xtradb-cluster-operator/blob/main/pkg/apis/pxc/v1/pxc_types.go',
  ],
  kinds: {
    ...each(
      [
        'PerconaXtraDBCluster.pxc.percona.com',
        'PerconaServerMongoDB.psmdb.percona.com',
        'PerconaServerMySQL.ps.percona.com',
        'PerconaPGCluster.pgv2.percona.com',
      ],
      {
        suspended: 'status.state == "paused"',
        failing: 'status.state == "error"',
        healthy: 'status.state == "ready"',
        message,
      },
    ),
    ...each(
      [
        'PerconaXtraDBClusterBackup.pxc.percona.com',
        'PerconaXtraDBClusterRestore.pxc.percona.com',
        'PerconaPGBackup.pgv2.percona.com',
        'PerconaPGRestore.pgv2.percona.com',
        'PerconaServerMySQLBackup.ps.percona.com',
        'PerconaServerMySQLRestore.ps.percona.com',
      ],
      {
        failed: 'status.state in ["Failed", "Error"]',
        healthy: 'status.state == "Succeeded"',
        message: 'status.state',
      },
    ),
    ...each(
      ['PerconaServerMongoDBBackup.psmdb.percona.com', 'PerconaServerMongoDBRestore.psmdb.percona.com'],
      {
        failed: 'status.state in ["error", "rejected"]',
        healthy: 'status.state == "ready"',
        message: 'status.state + (has(status.error) ? ": " + status.error : "")',
      },
    ),
  },
};
