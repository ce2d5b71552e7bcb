import { expect, test } from 'vitest';
import { readSlipwayConfig } from '../../../src/config/parse-slipway.ts';
import { resolveTargets } from '../../../src/config/resolve-targets.ts';
import { SlipwayError } from '../../../src/errors.ts';
import type { RenderedObject } from '../../../src/model/object.ts';
import type { Target } from '../../../src/model/target.ts';
import type { Tree } from '../../../src/model/tree.ts';
import { createAdmission } from '../../../src/policy/admission.ts';
import { createEngines } from '../../../src/policy/engines.ts';
import { createPolicy } from '../../../src/policy/policy.ts';
import { knownKinds, operator, rule } from './operator.ts';

/**
 * The promise of server.yaml: whatever a repository contains, nothing is written where its project may not write. This
 * test defines what is allowed a second time, by hand and without patterns.
 */
const mayWrite = (namespace: string) =>
  /^[a-z0-9-]+$/.test(namespace) && (namespace === 'loans' || namespace.startsWith('loan-'));

const names = ['web', '*', 'loans', 'loan-x', 'constructor', '__proto__', 'kube-system', '..', 'a/b', 'prod'];
const texts = [
  ...names,
  '{app}',
  '{environment}',
  'loan-{app}',
  '{app}-{environment}',
  '{{app}}',
  'loan-*',
  'loan-/../kube-system',
  'loans/',
  ' loans',
  'loans\n',
  'LOANS',
  'slipway',
  '',
  '!loans',
  '**',
  '$&',
];
const branches = ['main', 'Main', 'main/x', 'refs/heads/main', 'staging', 'main\n', '**'];
const clusters = ['prod', 'staging', 'unruled', 'constructor', '__proto__', 'prod/', '*'];
const repositories = ['github/acme/infra', 'github/acme/loan-x', 'github/acme/other', 'gitlab/acme/infra'];
const kinds: [string, string][] = [
  ['v1', 'ConfigMap'],
  ['apps/v1', 'Deployment'],
  ['v1', 'Namespace'],
  ['rbac.authorization.k8s.io/v1', 'ClusterRole'],
  ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'],
  ['acme.io/v1', 'Widget'],
];

// Every folder exists, so that only the rules decide.
const anyTree: Tree = {
  commit: 'x',
  entry: async (path) => ({ name: path, type: 'tree', id: '' }),
  list: async () => [...names, 'loan-found'].map((name) => ({ name, type: 'tree', id: '' })),
  read: async () => Buffer.from(''),
  readLink: async () => '',
};

/** The same numbers in every run (mulberry32), so that a failure can be reproduced. */
function chooser(seed: number) {
  let state = seed;
  return <Item>(items: readonly Item[]): Item => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return items[((mixed ^ (mixed >>> 14)) >>> 0) % items.length] as Item;
  };
}

type Choose = ReturnType<typeof chooser>;

/** Mostly valid values, so that the rules are reached, and sometimes hostile ones. */
function mostly<Item>(choose: Choose, likely: readonly Item[], hostile: readonly Item[]): Item {
  return choose([true, true, true, true, false]) ? choose(likely) : choose(hostile);
}

const likelyNames = ['web', 'loans', 'loan-x', 'constructor', 'kube-system', 'prod'];
const likelyNamespaces = [
  'loans',
  'loan-7',
  '{app}',
  '{environment}',
  'loan-{app}',
  '{app}-loan',
  'kube-system',
  'slipway',
];

async function someTargets(choose: Choose): Promise<Target[]> {
  const namespace = () => mostly(choose, likelyNamespaces, texts);
  const name = () => mostly(choose, likelyNames, names);
  const branch = mostly(choose, ['main', 'main', 'staging'], branches);
  const environment = { branch, cluster: mostly(choose, ['prod'], clusters), namespace: namespace() };
  const own = () => (choose([true, false]) ? { namespace: namespace() } : {});
  const text = JSON.stringify({
    version: 1,
    environments: Object.fromEntries([[name(), environment]]),
    apps: Object.fromEntries([
      [name(), { path: mostly(choose, ['x', 'a/b'], texts), ...own() }],
      ['*', { path: 'x/{app}', ...own() }],
    ]),
  });
  const read = readSlipwayConfig(text);
  if ('errors' in read) return [];
  const repository = choose(repositories);
  return (
    await resolveTargets({ repository, defined: read.config, config: read.config, branch, tree: anyTree })
  ).targets;
}

function someObject(choose: Choose): RenderedObject {
  const [apiVersion, kind] = choose(kinds);
  const namespace = mostly(choose, [undefined, 'loans', 'loan-7', 'kube-system', 'slipway'], texts);
  const metadata = {
    name: mostly(choose, likelyNames, texts),
    ...(namespace === undefined ? {} : { namespace }),
  };
  const spec = { group: 'acme.io', names: { kind: 'Widget' }, scope: choose(['Namespaced', 'Cluster']) };
  return { object: { apiVersion, kind, metadata, spec }, source: { file: 'f.yaml' } };
}

test('allows nothing outside the rule, whatever slipway.yaml and the manifests contain', async () => {
  const config = operator({ lending: { clusters: { prod: rule } } });
  const admission = createAdmission(config);
  const policy = createPolicy(createEngines(config));
  const allowedObjects = async (target: Target, object: RenderedObject) => {
    const { objects, violations } = await policy.assignNamespaces(target, [object], knownKinds);
    violations.push(...(await policy.evaluate(target, objects)));
    return violations.length === 0 ? objects : undefined;
  };
  const choose = chooser(7);
  const counts = { admitted: 0, refused: 0, written: 0, kept: 0 };
  for (let round = 0; round < 800; round += 1) {
    for (const target of await someTargets(choose)) {
      const isAdmitted = (await passes(() => admission.admit(target))) !== undefined;
      counts[isAdmitted ? 'admitted' : 'refused'] += 1;
      const object = someObject(choose);
      const checked = await passes(() => allowedObjects(target, object));
      counts[checked ? 'written' : 'kept'] += 1;
      if (isAdmitted) expectAllowed(target);
      if (checked) {
        expectAllowed(target);
        // The project has no cluster-scoped kinds and may not create namespaces.
        expect(['ConfigMap', 'Deployment']).toContain(checked[0]?.object.kind);
        expect(checked[0]?.object.metadata.namespace).toSatisfy(mayWrite);
      }
    }
  }
  // Otherwise the test would prove nothing.
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(20);
});

function expectAllowed(target: Target): void {
  expect([target.branch, target.cluster]).toEqual(['main', 'prod']);
  expect(['github/acme/infra', 'github/acme/loan-x']).toContain(target.repository);
  expect(target.namespace).toSatisfy(mayWrite);
}

async function passes<Result>(run: () => Result | Promise<Result>): Promise<Result | undefined> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof SlipwayError) return undefined;
    throw error;
  }
}
