import { stringify } from 'yaml';

export type Renderer = 'plain' | 'kustomize';

/** The objects of a small service. Each has the label that a push changes. */
const kinds: [string, string, (name: string) => Record<string, unknown>][] = [
  ['v1', 'ServiceAccount', () => ({})],
  ['v1', 'ConfigMap', (name) => ({ data: { name } })],
  ['v1', 'ConfigMap', (name) => ({ data: { name, second: 'value' } })],
  ['v1', 'Secret', (name) => ({ stringData: { name } })],
  ['v1', 'Service', (name) => ({ spec: { selector: { app: name }, ports: [{ port: 80 }] } })],
  [
    'rbac.authorization.k8s.io/v1',
    'Role',
    () => ({ rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] }),
  ],
  [
    'rbac.authorization.k8s.io/v1',
    'RoleBinding',
    () => ({
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'object-5' },
      subjects: [{ kind: 'ServiceAccount', name: 'object-0' }],
    }),
  ],
  ['apps/v1', 'Deployment', deploymentOf],
  [
    'networking.k8s.io/v1',
    'NetworkPolicy',
    (name) => ({ spec: { podSelector: { matchLabels: { app: name } }, ingress: [] } }),
  ],
  [
    'policy/v1',
    'PodDisruptionBudget',
    (name) => ({ spec: { maxUnavailable: 1, selector: { matchLabels: { app: name } } } }),
  ],
];

export const OBJECTS = kinds.length;

function deploymentOf(name: string): Record<string, unknown> {
  return {
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'app', image: 'app:v1' }] },
      },
    },
  };
}

/** Ten objects, all of which change with `version`. */
export function appFiles(renderer: Renderer, environment: string, version: number): Record<string, string> {
  const folder = `deploy/app`;
  const files: Record<string, string> = {
    'slipway.yaml': stringify({
      version: 1,
      environments: { [environment]: { branch: 'main', cluster: 'prod', namespace: environment } },
      apps: { app: { path: folder } },
    }),
  };
  const names = kinds.map((_, at) => `${folder}/object-${at}.yaml`);
  for (const [at, [apiVersion, kind, rest]] of kinds.entries()) {
    const name = `object-${at}`;
    const labels = renderer === 'plain' ? { version: `v${version}` } : {};
    files[`${folder}/${name}.yaml`] = stringify({
      apiVersion,
      kind,
      metadata: { name, labels },
      ...rest(name),
    });
  }
  if (renderer === 'kustomize') {
    files[`${folder}/kustomization.yaml`] = stringify({
      resources: names.map((name) => name.slice(folder.length + 1)),
      labels: [{ pairs: { version: `v${version}` } }],
    });
  }
  return files;
}

/** Paths of the collections of the app's objects, to watch them. */
export function watchPaths(namespace: string): string[] {
  const plurals: Record<string, string> = { NetworkPolicy: 'networkpolicies' };
  const paths = kinds.map(([apiVersion, kind]) => {
    const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    return `${root}/namespaces/${namespace}/${plurals[kind] ?? `${kind.toLowerCase()}s`}`;
  });
  return [...new Set(paths)];
}
