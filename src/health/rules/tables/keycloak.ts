import type { HealthTable } from '../table.ts';

export const keycloak: HealthTable = {
  project: 'Keycloak',
  sources: ['https://www.keycloak.org/operator/realm-import'],
  kinds: {
    'KeycloakRealmImport.k8s.keycloak.org': {
      failing: 'conditions.HasErrors.status == "True"',
      healthy: 'conditions.Done.status == "True"',
      message:
        'conditions.HasErrors.status == "True" ? conditions.HasErrors.message' +
        ' : conditions.Done.status == "True" ? "imported" : "not imported yet"',
    },
  },
};
