import type { ClusterRule, OperatorRules, ProjectConfig } from '../../../src/config/server-config.ts';
import type { KubeObject, RenderedObject } from '../../../src/model/object.ts';
import { type Target, targetId } from '../../../src/model/target.ts';
import type { Cluster } from '../../../src/ports/cluster.ts';

const forge = {
  url: '',
  apiUrl: '',
  webhookSecrets: ['x'],
  auth: { kind: 'none' },
  maxRequests: 64,
} as const;
const cluster = { inCluster: true, stateNamespace: 'slipway', maxRequests: 1 };

/** The part of server.yaml that the policy reads; by default with one project, `lending`. */
export function operator(projects: Record<string, Partial<ProjectConfig>> = { lending: {} }): OperatorRules {
  return {
    forges: {
      github: { name: 'github', type: 'github', ...forge, webhookSecrets: ['x'] },
      gitlab: { name: 'gitlab', type: 'gitlab', ...forge, webhookSecrets: ['x'] },
    },
    clusters: {
      prod: { name: 'prod', ...cluster },
      staging: { name: 'staging', ...cluster, stateNamespace: 'deployer' },
      unruled: { name: 'unruled', ...cluster },
    },
    projects: Object.fromEntries(
      Object.entries(projects).map(([name, project]) => [name, { ...lending, name, ...project }]),
    ),
  };
}

export const rule: ClusterRule = {
  branches: ['main'],
  namespaces: ['loans', 'loan-*'],
  impersonate: 'system:serviceaccount:loans:deployer',
  createNamespaces: false,
};

const lending: ProjectConfig = {
  name: 'lending',
  links: 'signed',
  repositories: ['github/acme/loan-*', 'github/acme/infra'],
  webhookSecrets: [],
  clusters: {
    prod: rule,
    staging: { branches: ['staging', 'release/*'], namespaces: ['*'], createNamespaces: true },
  },
  clusterScoped: [],
  mask: [{ kind: 'Deployment', path: 'spec.template.spec.containers[*].args' }],
};

export function targetWith(more: Partial<Target> = {}): Target {
  const parts = { repository: 'github/acme/infra', app: 'web', environment: 'production' };
  return {
    ...parts,
    id: targetId(parts),
    branch: 'main',
    cluster: 'prod',
    namespace: 'loans',
    path: 'web',
    helm: { releaseName: 'web', values: [] },
    dependsOn: [],
    timeoutMs: 1,
    failFastMs: 1,
    ...more,
  };
}

/** `manifest('v1', 'ConfigMap', { name: 'a' })`, rendered from `web/<name>.yaml:1`. */
export function manifest(
  apiVersion: string,
  kind: string,
  metadata: KubeObject['metadata'],
  rest: Record<string, KubeObject[string]> = {},
): RenderedObject {
  return {
    object: { apiVersion, kind, metadata, ...rest },
    source: { file: `web/${String(metadata.name)}.yaml`, line: 1 },
  };
}

const namespaced = ['/ConfigMap', '/Secret', 'apps/Deployment', 'rbac.authorization.k8s.io/RoleBinding'];
const clusterScoped = [
  '/Namespace',
  '/PersistentVolume',
  'rbac.authorization.k8s.io/ClusterRole',
  'rbac.authorization.k8s.io/ClusterRoleBinding',
  'apiextensions.k8s.io/CustomResourceDefinition',
];

/** A cluster that only knows these kinds: the policy must not need more. */
export const knownKinds: Pick<Cluster, 'isNamespaced' | 'unknownKind'> = {
  async isNamespaced(group, kind) {
    const key = `${group}/${kind}`;
    if (namespaced.includes(key)) return true;
    return clusterScoped.includes(key) ? false : undefined;
  },
  unknownKind: async ({ kind }) => ({ message: `no kind ${kind} here`, hint: 'Correct it.' }),
};
