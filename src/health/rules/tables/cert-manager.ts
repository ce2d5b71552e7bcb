import { each, type HealthTable, readyOrFailing } from '../table.ts';

export const certManager: HealthTable = {
  project: 'cert-manager',
  sources: [
    'https://cert-manager.io/docs/reference/api-docs/',
    'https://cert-manager.io/docs/usage/certificate/',
    'https://cert-manager.io/docs/trust/trust-manager/api-reference/',
  ],
  kinds: {
    // A failed issuance is retried after an hour at the earliest, so for a release it has failed.
    'Certificate.cert-manager.io': {
      failed:
        'conditions.Issuing.status == "False" && conditions.Issuing.reason == "Failed" && conditions.Ready.status == "False"',
      progressing: 'conditions.Issuing.status == "True"',
      healthy: 'conditions.Ready.status == "True"',
      message:
        'conditions.Issuing.status == "True" || conditions.Ready.status == "False" ? conditions.Issuing.message : conditions.Ready.message',
    },
    ...each(['Issuer.cert-manager.io', 'ClusterIssuer.cert-manager.io'], readyOrFailing),
    'CertificateRequest.cert-manager.io': {
      failed:
        'conditions.Denied.status == "True" || conditions.InvalidRequest.status == "True" || ' +
        '(conditions.Ready.status == "False" && conditions.Ready.reason in ["Failed", "Denied"])',
      healthy: 'conditions.Ready.status == "True"',
    },
    'Bundle.trust.cert-manager.io': {
      failing: 'conditions.Synced.status == "False"',
      healthy: 'conditions.Synced.status == "True"',
    },
    ...each(['Order.acme.cert-manager.io', 'Challenge.acme.cert-manager.io'], {
      failed: 'status.state in ["invalid", "expired", "errored"]',
      healthy: 'status.state == "valid"',
      message: 'status.state + (has(status.reason) ? ": " + status.reason : "")',
    }),
  },
};
