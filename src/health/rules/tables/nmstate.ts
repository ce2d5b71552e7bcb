import type { HealthTable } from '../table.ts';

export const nmState: HealthTable = {
  project: 'Kubernetes NMState',
  sources: ['https://nmstate.io/kubernetes-nmstate/user-guide/102-configuration.html'],
  kinds: {
    // A policy that selects no node is ignored.
    'NodeNetworkConfigurationPolicy.nmstate.io': {
      failing: 'conditions.Degraded.status == "True"',
      healthy: 'conditions.Available.status == "True" || conditions.Ignored.status == "True"',
      message: 'conditions.Ignored.status == "True" ? "ignored: no node matches" : ""',
    },
  },
};
