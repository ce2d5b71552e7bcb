import { each, type HealthTable } from '../table.ts';

/** Newer AWS controllers set Ready, which also means that the resource can be used. */
const synced = '("Ready" in conditions ? conditions.Ready : conditions["ACK.ResourceSynced"])';

/** Operators of cloud providers for their own resources. */
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
      healthy: `${synced}.status == "True"`,
      message:
        'has(status.conditions) && status.conditions.exists(c, c.status == "True" && c.type in ["ACK.Terminal", "ACK.Recoverable"])' +
        ' ? status.conditions.filter(c, c.status == "True" && c.type in ["ACK.Terminal", "ACK.Recoverable"])[0].message' +
        ` : ${synced}.status == "True" ? "synchronised" : "not synchronised yet"`,
    },
    // The severity of Ready: Error is permanent, Warning is retried, Info is in progress.
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
    ...each(
      ['ConfigConnector.core.cnrm.cloud.google.com', 'ConfigConnectorContext.core.cnrm.cloud.google.com'],
      {
        failing: 'status.healthy == false',
        healthy: 'status.healthy == true',
        message:
          'has(status.errors) && status.errors.size() > 0 ? status.errors[0] : status.healthy ? "healthy" : "not healthy"',
      },
    ),
  },
};
