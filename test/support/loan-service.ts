import { stringify } from 'yaml';

export interface EnvironmentLine {
  branch: string;
  cluster: string;
  namespace: string;
}

/** The slipway.yaml of a repository with apps at `deploy/<app>`. */
export function slipwayYaml(
  environments: Record<string, EnvironmentLine>,
  apps: Record<string, Record<string, unknown>> = { 'loan-service': { path: 'deploy/loan-service' } },
): string {
  return stringify({ version: 1, environments, apps });
}

/** A Deployment as its author writes it. */
export function deployment({ name = 'loan-service', image = 'loan-service:v1', replicas = 1 } = {}): string {
  return stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels: { app: name } },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'app', image, ports: [{ name: 'http', containerPort: 8080 }] }] },
      },
    },
  });
}

export function service(name = 'loan-service'): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
  });
}

export function configMap(name: string, data: Record<string, string>): string {
  return stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
}
