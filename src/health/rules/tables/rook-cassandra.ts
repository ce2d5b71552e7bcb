import type { HealthTable } from '../table.ts';

export const rookCassandra: HealthTable = {
  project: 'Rook Cassandra',
  sources: ['https://github.com/rook/cassandra/blob/master/Documentation/cassandra-cluster-crd.md'],
  kinds: {
    // A rack has no status before it is created.
    'Cluster.cassandra.rook.io': {
      healthy:
        'spec.datacenter.racks.all(r, r.name in status.racks && status.racks[r.name].readyMembers >= r.members)',
      message:
        'has(status.racks) ? string(spec.datacenter.racks.filter(r, r.name in status.racks && status.racks[r.name].readyMembers >= r.members).size())' +
        ' + " of " + string(spec.datacenter.racks.size()) + " racks ready" : ""',
    },
  },
};
