import { each, type HealthTable } from '../table.ts';

export const openClusterManagement: HealthTable = {
  project: 'Open Cluster Management',
  sources: [
    'https://open-cluster-management.io/docs/getting-started/integration/policy-controllers/policy/',
    'https://github.com/open-cluster-management-io/governance-policy-propagator/blob/main/api/v1/policy_types.go',
  ],
  kinds: {
    ...each(
      ['Policy.policy.open-cluster-management.io', 'ConfigurationPolicy.policy.open-cluster-management.io'],
      {
        suspended: 'spec.disabled == true',
        failing: 'status.compliant == "NonCompliant"',
        healthy: 'status.compliant == "Compliant"',
        message: 'status.compliant',
      },
    ),
  },
};
