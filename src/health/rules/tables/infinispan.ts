import type { HealthTable } from '../table.ts';

export const infinispan: HealthTable = {
  project: 'Infinispan',
  sources: ['https://infinispan.org/docs/infinispan-operator/main/operator.html'],
  kinds: {
    'Infinispan.infinispan.org': {
      suspended: 'conditions.GracefulShutdown.status == "True"',
      healthy: 'conditions.WellFormed.status == "True"',
      message:
        'has(conditions.WellFormed) && has(conditions.WellFormed.message) && conditions.WellFormed.message != "" ? conditions.WellFormed.message' +
        ' : has(conditions.WellFormed) && conditions.WellFormed.status == "True" ? "well formed" : "not well formed yet"',
    },
  },
};
