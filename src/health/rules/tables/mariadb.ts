import { each, type HealthTable } from '../table.ts';

const jobFailed = 'conditions.Complete.reason in ["JobFailed", "SnapshotFailed"]';

export const mariaDb: HealthTable = {
  project: 'MariaDB Operator',
  sources: [
    'https://github.com/mariadb-operator/mariadb-operator/blob/main/docs/api_reference.md',
    'https://github.com/mariadb-operator/mariadb-operator/tree/main/pkg/condition',
  ],
  kinds: {
    ...each(['MariaDB.k8s.mariadb.com', 'MaxScale.k8s.mariadb.com'], {
      suspended: 'spec.suspend == true',
      healthy: 'conditions.Ready.status == "True"',
    }),
    // Complete is also true after a failure. With a schedule, it is false until the first run has ended.
    ...each(
      [
        'Backup.k8s.mariadb.com',
        'PhysicalBackup.k8s.mariadb.com',
        'Restore.k8s.mariadb.com',
        'SqlJob.k8s.mariadb.com',
      ],
      {
        suspended: 'conditions.Complete.reason in ["JobSuspended", "SnapshotSuspended"]',
        failed: `!has(spec.schedule) && ${jobFailed}`,
        failing: jobFailed,
        healthy: 'conditions.Complete.status == "True" || (has(spec.schedule) && has(conditions.Complete))',
        message: 'conditions.Complete.reason + ": " + conditions.Complete.message',
      },
    ),
  },
};
