import { expect, test } from 'vitest';
import type { OperatorRules } from '../../../src/config/server-config.ts';
import { createEngines } from '../../../src/policy/engines.ts';
import { createPolicy } from '../../../src/policy/policy.ts';
import { operator, rule, targetWith } from './operator.ts';

const keyOf = (config: OperatorRules, target = targetWith()) =>
  createPolicy(createEngines(config)).keyOf(target);
const withRule = (more: Partial<typeof rule>) =>
  operator({ lending: { clusters: { prod: { ...rule, ...more } } } });
const key = keyOf(operator());

test('equal rules have equal keys, in whatever order they are written', () => {
  expect(keyOf(operator())).toBe(key);
  expect(keyOf(withRule({ namespaces: rule.namespaces.toReversed() }))).toBe(key);
});

test.each<[string, OperatorRules]>([
  ['a namespace', withRule({ namespaces: ['loans'] })],
  ['the right to create namespaces', withRule({ createNamespaces: true })],
  ['a cluster-scoped kind', operator({ lending: { clusterScoped: ['PersistentVolume'] } })],
])('the key changes with %s', (_, config) => {
  expect(keyOf(config)).not.toBe(key);
});

test("the key changes with the cluster's state namespace", () => {
  const config = operator();
  const { prod } = config.clusters;
  if (!prod) throw new Error('no cluster');
  const clusters = { ...config.clusters, prod: { ...prod, stateNamespace: 'other' } };
  expect(keyOf({ ...config, clusters })).not.toBe(key);
});

test('settings that no engine evaluates do not change the key', () => {
  expect(keyOf(withRule({ impersonate: undefined, maxPruneShare: 0.1, branches: ['main', 'next'] }))).toBe(
    key,
  );
  expect(keyOf(operator({ lending: { mask: [] }, other: { repositories: ['github/other/*'] } }))).toBe(key);
});

test('two clusters of a repository have different keys', () => {
  const policy = createPolicy(createEngines(operator()));
  expect(policy.keyOf(targetWith())).toBe(key);
  expect(policy.keyOf(targetWith({ cluster: 'staging', branch: 'staging' }))).not.toBe(key);
});

test('the key depends on every engine and its knowledge', () => {
  const engine = (name: string, knowledge: string) => ({
    name,
    evaluate: async () => [],
    knowledge: () => knowledge,
  });
  const keys = [
    createPolicy([engine('a', '1')]),
    createPolicy([engine('a', '2')]),
    createPolicy([engine('b', '1')]),
    createPolicy([engine('a', '1'), engine('b', '1')]),
  ].map((policy) => policy.keyOf(targetWith()));
  expect(new Set(keys).size).toBe(keys.length);
});

test('reports the violations of all engines, in their order', async () => {
  const violation = (engine: string) => ({
    engine,
    rule: 'r',
    mode: 'enforce' as const,
    object: { group: '', version: 'v1', kind: 'ConfigMap', name: engine },
    place: { file: 'f.yaml' },
    message: 'no',
  });
  const engine = (name: string) => ({
    name,
    evaluate: async () => [violation(name)],
    knowledge: () => '',
  });
  const found = await createPolicy([engine('first'), engine('second')]).evaluate(targetWith(), []);
  expect(found).toEqual([violation('first'), violation('second')]);
});
