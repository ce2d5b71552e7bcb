import { each, type HealthTable } from '../table.ts';

export const mariaDb: HealthTable = {
  project: 'MariaDB Operator',
  sources: ['https://github.com/mariadb-operator/mariadb-operator/blob/main/docs/api_reference.md'],
  kinds: each(['MariaDB.k8s.mariadb.com', 'MaxScale.k8s.mariadb.com'], {
    suspended: 'spec.suspend == true',
    healthy: 'conditions.Ready.status == "True"',
  }),
};
