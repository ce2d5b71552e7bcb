import type { HealthTable } from './table.ts';

/** Operators with which the clouds describe their own resources. */
export const clouds: HealthTable = {
  project: 'AWS Controllers, Azure Service Operator, Config Connector',
  sources: [
    'https://aws-controllers-k8s.github.io/community/docs/user-docs/resource-crud/',
    'https://azure.github.io/azure-service-operator/design/adr-2021-08-conditions/',
    'https://cloud.google.com/config-connector/docs/how-to/monitoring-your-resources',
  ],
  kinds: {
    '*.*.services.k8s.aws': {
      failed: 'conditions["ACK.Terminal"].status == "True"',
      failing: 'conditions["ACK.Recoverable"].status == "True"',
      healthy: 'conditions["ACK.ResourceSynced"].status == "True"',
      message:
        'has(status.conditions) && status.conditions.exists(c, c.status == "True" && c.type in ["ACK.Terminal", "ACK.Recoverable"])' +
        ' ? status.conditions.filter(c, c.status == "True" && c.type in ["ACK.Terminal", "ACK.Recoverable"])[0].message' +
        ' : conditions["ACK.ResourceSynced"].status == "True" ? "synchronised" : "not synchronised yet"',
    },
    // The severity of Ready: Error does not mend itself, Warning is tried again, Info is on its way.
    '*.*.azure.com': {
      suspended: 'metadata.annotations["serviceoperator.azure.com/reconcile-policy"] == "skip"',
      failed: 'conditions.Ready.status == "False" && conditions.Ready.severity == "Error"',
      healthy: 'conditions.Ready.status == "True"',
    },
    '*.*.cnrm.cloud.google.com': {
      failing:
        'conditions.Ready.status == "False" && conditions.Ready.reason in ["UpdateFailed", "DeleteFailed", "DependencyInvalid", "ManagementConflict"]',
      healthy: 'conditions.Ready.status == "True"',
    },
  },
};
