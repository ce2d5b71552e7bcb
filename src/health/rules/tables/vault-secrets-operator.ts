import type { HealthTable } from '../table.ts';

export const vaultSecretsOperator: HealthTable = {
  project: 'Vault Secrets Operator',
  sources: [
    'https://github.com/hashicorp/vault-secrets-operator/blob/main/api/v1beta1/vaultstaticsecret_types.go',
  ],
  kinds: {
    // Versions before 1.0 set no conditions. They store a hash of what they synced, unless the spec turns that off.
    'VaultStaticSecret.secrets.hashicorp.com': {
      failing: 'conditions.exists(type, conditions[type].status == "False")',
      progressing: 'status.lastGeneration < metadata.generation',
      healthy:
        'conditions.Ready.status == "True" || (has(status.secretMAC) && status.secretMAC != "") || ' +
        '(spec.hmacSecretData == false && status.lastGeneration > 0)',
      message:
        'conditions.exists(type, conditions[type].status == "False") ' +
        '? conditions[conditions.filter(type, conditions[type].status == "False")[0]].message ' +
        ': (has(status.secretMAC) && status.secretMAC != "" ? "synced" : "not synced yet")',
    },
  },
};
