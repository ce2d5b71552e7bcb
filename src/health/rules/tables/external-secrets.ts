import { each, type HealthTable, nothingToWaitFor, readyOrFailing } from '../table.ts';

export const externalSecrets: HealthTable = {
  project: 'External Secrets',
  sources: ['https://external-secrets.io/latest/api/spec/'],
  kinds: {
    // It has no observedGeneration, but `syncedResourceVersion` starts with the generation that was synchronised last. With
    // CreatedOnce or a refreshInterval of zero, changes are never synchronised.
    'ExternalSecret.external-secrets.io': {
      ...readyOrFailing,
      progressing:
        '!(has(spec.refreshPolicy) && spec.refreshPolicy == "CreatedOnce") && ' +
        '!((!has(spec.refreshPolicy) || spec.refreshPolicy == "Periodic") && has(spec.refreshInterval) && ' +
        'spec.refreshInterval.matches("^[0a-z.]+$")) && ' +
        '!status.syncedResourceVersion.startsWith(string(metadata.generation) + "-")',
    },
    ...each(
      [
        'SecretStore.external-secrets.io',
        'ClusterSecretStore.external-secrets.io',
        'ClusterExternalSecret.external-secrets.io',
        'PushSecret.external-secrets.io',
        'ClusterPushSecret.external-secrets.io',
      ],
      readyOrFailing,
    ),
    '*.generators.external-secrets.io': nothingToWaitFor,
  },
};
