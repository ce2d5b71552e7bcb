import { expect, it } from 'vitest';
import { importsOf, sourcesIn } from '../../support/sources.ts';

/** Files beside the rooms that every room may import, and that import no room. */
const shared = [
  'input.ts',
  'lease-guard.ts',
  'parallel.ts',
  'quantity.ts',
  'resource-version.ts',
  'slipway-version.ts',
  'writing.ts',
];

/**
 * A room of src/kube and the rooms that it may import: only ones that stand before it, so that data walks one way.
 * src/kube/README.md has the same table with reasons.
 */
const mayImport: Record<string, string[]> = {
  client: [],
  'list.ts': ['client'],
  discovery: ['client'],
  watch: ['client', 'list.ts'],
  inventory: ['client'],
  'managed-fields.ts': ['inventory'],
  diff: ['inventory'],
  live: ['client', 'list.ts', 'discovery', 'watch', 'inventory'],
  explain: ['client', 'discovery', 'managed-fields.ts', 'diff'],
  ignore: ['managed-fields.ts', 'diff'],
  objects: ['client', 'discovery', 'inventory', 'explain'],
  plan: ['client', 'inventory', 'managed-fields.ts', 'live', 'explain', 'ignore', 'objects'],
  'context.ts': ['client', 'discovery', 'watch', 'inventory', 'live', 'objects'],
  ownership: [
    'client',
    'list.ts',
    'discovery',
    'inventory',
    'managed-fields.ts',
    'live',
    'objects',
    'plan',
    'context.ts',
  ],
  apply: [
    'client',
    'list.ts',
    'discovery',
    'inventory',
    'managed-fields.ts',
    'diff',
    'explain',
    'ignore',
    'objects',
    'plan',
    'context.ts',
    'ownership',
  ],
  diagnose: ['client', 'list.ts'],
  verify: [
    'client',
    'list.ts',
    'discovery',
    'watch',
    'inventory',
    'managed-fields.ts',
    'live',
    'objects',
    'context.ts',
    'apply',
    'diagnose',
  ],
  hooks: ['discovery', 'live', 'objects', 'plan', 'context.ts', 'ownership', 'apply', 'verify'],
  stages: ['inventory', 'plan', 'context.ts', 'ownership', 'apply', 'verify', 'hooks'],
  prune: ['inventory', 'managed-fields.ts', 'live', 'objects', 'plan', 'context.ts', 'apply'],
  'run.ts': [
    'inventory',
    'managed-fields.ts',
    'live',
    'plan',
    'context.ts',
    'verify',
    'hooks',
    'stages',
    'prune',
  ],
  'cluster.ts': ['client', 'discovery', 'watch', 'inventory', 'live', 'explain', 'context.ts', 'run.ts'],
  'clusters.ts': ['cluster.ts'],
};

const sources = sourcesIn(['src/kube']);
const rooms = Object.keys(mayImport);

/** `plan` of `src/kube/plan/order.ts`, `run.ts` of `src/kube/run.ts`; undefined outside of kube. */
function roomOf(path: string): string | undefined {
  return /^src\/kube\/([^/]+)/.exec(path)?.[1];
}

it('every room of kube says what it may import, and only rooms before it', () => {
  const existing = [...new Set(sources.flatMap(({ path }) => roomOf(path) ?? []))];
  expect(existing.toSorted()).toEqual([...rooms, ...shared].toSorted());
  const backwards = rooms.flatMap((room, index) =>
    (mayImport[room] ?? []).filter((other) => !rooms.slice(0, index).includes(other)),
  );
  expect(backwards).toEqual([]);
});

it('imports between the rooms of kube go one way', () => {
  const wrong = sources.flatMap((one) => {
    const room = roomOf(one.path) ?? '';
    const allowed = [room, ...shared, ...(mayImport[room] ?? [])];
    return importsOf(one)
      .filter(({ module }) => roomOf(module) !== undefined && !allowed.includes(roomOf(module) ?? ''))
      .map(({ module }) => `${one.path} imports ${module}`);
  });
  expect(wrong).toEqual([]);
});

it('every allowed import between the rooms of kube is used', () => {
  const used = new Set(
    sources.flatMap((one) => importsOf(one).map(({ module }) => `${roomOf(one.path)} ${roomOf(module)}`)),
  );
  const allowed = rooms.flatMap((room) => (mayImport[room] ?? []).map((other) => `${room} ${other}`));
  expect(allowed.filter((pair) => !used.has(pair))).toEqual([]);
});

it('the readme of kube lists every room', () => {
  const [readme] = sourcesIn(['src/kube'], 'README.md').filter(({ path }) => path === 'src/kube/README.md');
  const missing = rooms.filter((room) => !readme?.text.includes(`\`${room}${room.includes('.') ? '' : '/'}`));
  expect(missing).toEqual([]);
});

it('a plan sends no request', () => {
  const asking = sources.filter(({ path, text }) => roomOf(path) === 'plan' && text.includes('.request('));
  expect(asking.map(({ path }) => path)).toEqual([]);
});

it('one file deletes objects, and one the parent', () => {
  const deleting = sources.filter(({ text }) => text.includes("method: 'DELETE'"));
  expect(deleting.map(({ path }) => path).toSorted()).toEqual([
    'src/kube/inventory/parent-requests.ts',
    'src/kube/objects/delete.ts',
  ]);
});
