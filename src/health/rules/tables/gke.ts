import { each, type HealthTable, nothingToWaitFor } from '../table.ts';

export const gke: HealthTable = {
  project: 'Google Kubernetes Engine',
  sources: [
    'https://cloud.google.com/kubernetes-engine/docs/how-to/managed-certs',
    'https://cloud.google.com/load-balancing/docs/ssl-certificates/troubleshooting',
    'https://cloud.google.com/kubernetes-engine/docs/how-to/ingress-configuration',
    'https://cloud.google.com/kubernetes-engine/docs/how-to/configure-gateway-resources',
  ],
  kinds: {
    // While it is provisioned, a domain may be FailedNotVisible until the load balancer of the same release serves it.
    'ManagedCertificate.networking.gke.io': {
      failed: 'status.certificateStatus == "ProvisioningFailedPermanently"',
      failing: 'status.certificateStatus in ["ProvisioningFailed", "RenewalFailed"]',
      healthy: 'status.certificateStatus == "Active"',
      message:
        'status.certificateStatus + (has(status.domainStatus) && status.domainStatus.exists(d, d.status != "Active")' +
        ' ? ": " + status.domainStatus.filter(d, d.status != "Active").map(d, d.domain + " is " + d.status)[0] : "")',
    },
    // A policy is not attached while its Gateway or Service does not exist yet.
    ...each(
      [
        'GCPBackendPolicy.networking.gke.io',
        'GCPGatewayPolicy.networking.gke.io',
        'HealthCheckPolicy.networking.gke.io',
      ],
      {
        healthy: 'conditions.Attached.status == "True"',
        message: 'conditions.Attached.reason + ": " + conditions.Attached.message',
      },
    ),
    'BackendConfig.cloud.google.com': nothingToWaitFor,
    'FrontendConfig.networking.gke.io': nothingToWaitFor,
  },
};
