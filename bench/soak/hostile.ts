import { stringify } from 'yaml';
import { appFile, appName, appText, slipwayFile } from '../support/small-apps.ts';

const NAMESPACE = 'acme-hostile';
const app = appFile(appName(0));

/** Mistakes and attacks; each must end as a failure on its commit and hold up nobody. Versions keep their contents different. */
const attacks: readonly ((version: number) => Record<string, string>)[] = [
  (version) => ({ 'slipway.yaml': mergeKeys(version) }),
  (version) => ({ 'slipway.yaml': `# ${version}\n${'['.repeat(250_000)}` }),
  (version) => ({ 'slipway.yaml': `# ${version}\nversion: 1\nenvironments: [broken\n` }),
  (version) => ({ [app]: `# ${version}\nkind: [broken\n` }),
  (version) => ({ [app]: config(`v${version}`, { count: '9'.repeat(1_000_000) }) }),
  (version) => ({ [app]: stringify(clusterAdmin(version)) }),
  (version) => ({ [app]: stringify(unknownField(version)) }),
];

/** All files that any attack touches: the others have good content again. */
export function hostileFiles(number: number): Record<string, string> {
  const attack = attacks[number % attacks.length];
  return {
    'slipway.yaml': slipwayFile(NAMESPACE),
    [app]: appText(appName(0), number),
    ...attack?.(number),
  };
}

/** Aliases of merge keys: each level doubles the keys that a parser copies. */
function mergeKeys(version: number): string {
  const lines = [`# ${version}`, 'version: 1', 'a0: &a0 { x: 1 }'];
  for (let level = 1; level < 8_000; level += 1) {
    lines.push(`a${level}: &a${level} { <<: *a${level - 1}, k${level}: 1 }`);
  }
  return lines.join('\n');
}

const config = (name: string, numbers: Record<string, string>) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\ndata:\n${Object.entries(numbers)
    .map(([key, value]) => `  ${key}: ${value}\n`)
    .join('')}`;

const clusterAdmin = (version: number) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: `hostile-${version}` },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
  subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: NAMESPACE }],
});

const unknownField = (version: number) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'hostile' },
  spec: { ports: [{ port: 80 }], [`noField${version}`]: true },
});
