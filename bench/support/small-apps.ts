import { stringify } from 'yaml';
import type { KubeObject } from '../../src/model/object.ts';

export const OBJECTS_PER_APP = 4;

export const appName = (index: number) => `app-${String(index).padStart(4, '0')}`;

/** A typical small service: a Deployment (without pods here), a ServiceAccount, a Service and an Ingress. */
export function appObjects(name: string, version: number): KubeObject[] {
  const metadata = { name, labels: { app: name, version: `v${version}` } };
  const container = { name: 'app', image: 'app:v1', ports: [{ name: 'http', containerPort: 8080 }] };
  const backend = { service: { name, port: { name: 'http' } } };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: { serviceAccountName: name, containers: [container] },
        },
      },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata,
      spec: {
        rules: [
          { host: `${name}.example.com`, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } },
        ],
      },
    },
  ];
}

/** The kinds of the objects of these apps. */
export const appKinds = appObjects('app', 0).map(({ apiVersion, kind }) => ({ apiVersion, kind }));

export function slipwayFile(namespace: string, cluster = 'prod'): string {
  return stringify({
    version: 1,
    environments: { production: { branch: 'main', cluster, namespace } },
    apps: { '*': { path: 'apps/{app}' } },
  });
}

export const appFile = (name: string) => `apps/${name}/app.yaml`;

export function appText(name: string, version: number): string {
  return appObjects(name, version)
    .map((object) => stringify(object))
    .join('---\n');
}

/** The files of these apps at one version. */
export function appFiles(indexes: Iterable<number>, version: number): Record<string, string> {
  return Object.fromEntries(
    [...indexes].map((index) => [appFile(appName(index)), appText(appName(index), version)]),
  );
}

export const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);
