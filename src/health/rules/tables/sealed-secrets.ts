import type { HealthTable } from '../table.ts';

export const sealedSecrets: HealthTable = {
  project: 'Sealed Secrets',
  sources: [
    'https://github.com/bitnami-labs/sealed-secrets/blob/main/pkg/apis/sealedsecrets/v1alpha1/types.go',
  ],
  kinds: {
    'SealedSecret.bitnami.com': {
      failing: 'conditions.Synced.status == "False"',
      healthy: 'conditions.Synced.status == "True"',
      message: 'conditions.Synced.message',
    },
  },
};
