import { each, type HealthTable, type KindRule } from '../table.ts';

const compliance: KindRule = {
  suspended: 'spec.disabled == true',
  failing: 'status.compliant == "NonCompliant"',
  healthy: 'status.compliant == "Compliant"',
  message: 'status.compliant',
};

export const openClusterManagement: HealthTable = {
  project: 'Open Cluster Management',
  sources: [
    'https://open-cluster-management.io/docs/getting-started/integration/policy-controllers/policy/',
    'https://github.com/open-cluster-management-io/governance-policy-propagator/blob/main/api/v1/policy_types.go',
  ],
  kinds: {
    // A policy that is placed on no cluster has a placement and no compliance.
    'Policy.policy.open-cluster-management.io': {
      ...compliance,
      healthy:
        'status.compliant == "Compliant" || (has(status.placement) && !has(status.compliant) && !has(status.status))',
      message:
        'has(status.compliant) ? status.compliant : has(status.placement) ? "placed on no cluster" : "waiting for its controller"',
    },
    ...each(
      [
        'ConfigurationPolicy.policy.open-cluster-management.io',
        'CertificatePolicy.policy.open-cluster-management.io',
        'OperatorPolicy.policy.open-cluster-management.io',
      ],
      compliance,
    ),
  },
};
