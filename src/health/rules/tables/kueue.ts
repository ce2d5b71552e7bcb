import { each, type HealthTable } from '../table.ts';

export const kueue: HealthTable = {
  project: 'Kueue',
  sources: ['https://kueue.sigs.k8s.io/docs/reference/kueue.v1beta1/'],
  kinds: each(['ClusterQueue.kueue.x-k8s.io', 'LocalQueue.kueue.x-k8s.io'], {
    // It is not active while its flavors or its cluster queue do not exist yet.
    suspended: 'spec.stopPolicy in ["Hold", "HoldAndDrain"]',
    healthy: 'conditions.Active.status == "True"',
    message: 'conditions.Active.reason + ": " + conditions.Active.message',
  }),
};
