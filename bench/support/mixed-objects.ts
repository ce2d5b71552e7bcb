import type { KubeObject } from '../../src/model/object.ts';

const mixedKinds = [
  { apiVersion: 'v1', kind: 'ConfigMap' },
  { apiVersion: 'v1', kind: 'Service' },
  { apiVersion: 'v1', kind: 'ServiceAccount' },
  { apiVersion: 'apps/v1', kind: 'Deployment' },
];

/** Objects of one large app, of four kinds in turn; `versionOf` gives the version of each. */
export function mixedObjects(count: number, versionOf: (index: number) => number): KubeObject[] {
  return Array.from({ length: count }, (_, index) => {
    const { apiVersion, kind } = mixedKinds[index % mixedKinds.length] ?? {
      apiVersion: 'v1',
      kind: 'ConfigMap',
    };
    const name = `object-${String(index).padStart(4, '0')}`;
    const version = `v${versionOf(index)}`;
    return { apiVersion, kind, metadata: { name, labels: { version } }, ...contentOf(kind, name, version) };
  });
}

function contentOf(kind: string, name: string, version: string): Record<string, never> | object {
  const labels = { app: name };
  switch (kind) {
    case 'ConfigMap':
      return { data: { name, version, 'settings.properties': 'color=blue\nsize=large\n' } };
    case 'Service':
      return { spec: { selector: labels, ports: [{ name: 'http', port: 80 }] } };
    case 'Deployment':
      return {
        spec: {
          replicas: 0,
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: { containers: [{ name: 'app', image: `app:${version}` }] },
          },
        },
      };
    default:
      return {};
  }
}
