import type { HealthTable } from '../table.ts';

export const openFaas: HealthTable = {
  project: 'OpenFaaS',
  sources: [
    'https://docs.openfaas.com/openfaas-pro/function-crd',
    'https://github.com/openfaas/faas-netes/commit/82827434d2dc9fb624471713ab40502325f7db37',
  ],
  kinds: {
    // Stalled: it cannot be reconciled; Ready: it was; Healthy: a pod is available. Idle functions are scaled to zero.
    'Function.openfaas.com': {
      suspended: 'conditions.Ready.status == "True" && (!has(status.replicas) || status.replicas == 0)',
      failing: 'conditions.Stalled.status == "True" || conditions.Ready.status == "False"',
      healthy:
        'conditions.Ready.status == "True" && (!("Healthy" in conditions) || conditions.Healthy.status == "True")',
    },
  },
};
