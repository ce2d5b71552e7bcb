import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { PATIENCE_MS } from '../../../sandbox/until.ts';
import { createCluster } from '../../../src/kube/cluster.ts';
import { startFront } from './front.ts';
import {
  configMap,
  corePath,
  createNamespace,
  type Fixture,
  lines,
  patch,
  read,
  release,
  startFixture,
  targetOf,
} from './release-setup.ts';

const front = await startFront();
const fixture = startFixture({ kubeconfig: front.kubeconfig });
const { namespace } = fixture;

beforeAll(() => createNamespace(fixture));
beforeEach(() => {
  front.requests.length = 0;
});
afterAll(() => front.close());

const alone = (app: string): Fixture => ({ ...fixture, target: targetOf(namespace, app) });
/** The watch shows a write a moment later. */
const shown = (check: () => Promise<void>) => vi.waitFor(check, { timeout: PATIENCE_MS });
/** The reads of the app's state: its parent, and the lists of its members. */
const reads = () => front.requests.filter(({ method, path }) => method === 'GET' && !path.includes('watch='));

/** The watch starts with the second release and shows its writes a moment later. Resolves to the parent then. */
async function untilKnown(app: Fixture, ...objects: Parameters<typeof release>[1]) {
  await release(app, objects);
  let { parent } = (await release(app, objects)).run;
  await shown(async () => {
    front.requests.length = 0;
    ({ parent } = (await release(app, objects, { last: { number: 1, parent } })).run);
    expect(reads()).toEqual([]);
  });
  return parent;
}

test('a release after a successful one lists nothing that is watched, and sends only what differs', async () => {
  const app = alone('watched');
  const parent = await untilKnown(app, configMap(app, 'kept', { a: '1' }), configMap(app, 'dropped'));

  front.requests.length = 0;
  const { applied, pruned } = await release(app, [configMap(app, 'kept', { a: '2' })], {
    last: { number: 1, parent },
  });

  expect(reads().filter(({ path }) => path.includes('labelSelector'))).toEqual([]);
  const [change] = applied;
  expect(change).toMatchObject({
    action: 'configured',
    fields: [{ path: 'data.a', before: '1', after: '2' }],
  });
  expect(lines(pruned)).toEqual([`pruned ConfigMap ${namespace}/dropped`]);
});

test('a change by somebody else is noticed', async () => {
  const app = alone('changed');
  const parent = await untilKnown(app, configMap(app, 'ours', { a: '1' }));
  await patch(app, corePath(app, 'configmaps', 'ours'), { data: { a: 'theirs' } });

  await shown(async () => {
    await release(app, [configMap(app, 'ours', { a: '1' })], { last: { number: 1, parent } });
    expect((await read(app, corePath(app, 'configmaps', 'ours')))?.data).toEqual({ a: '1' });
  });
});

test('an object that was deleted is created again', async () => {
  const app = alone('deleted');
  const parent = await untilKnown(app, configMap(app, 'gone'));
  await app.admin.request({ method: 'DELETE', path: corePath(app, 'configmaps', 'gone') });

  await shown(async () => {
    await release(app, [configMap(app, 'gone')], { last: { number: 1, parent } });
    expect(await read(app, corePath(app, 'configmaps', 'gone'))).toBeDefined();
  });
});

test('without the number of a last release everything is listed', async () => {
  const app = alone('untrusted');
  await untilKnown(app, configMap(app, 'one'));
  front.requests.length = 0;
  await release(app, [configMap(app, 'one')]);

  expect(reads().map(({ path }) => path.includes('labelSelector'))).toContain(true);
  expect(reads().map(({ path }) => path.includes(`/${fixture.input.stateNamespace}/`))).toContain(true);
});

test('a collection that another process wrote ahead of the watch is listed', async () => {
  const app = alone('other');
  await untilKnown(app, configMap(app, 'shared', { a: '1' }));
  const other = createCluster(fixture.input);
  try {
    // The watch of this process goes silent: no event reaches it.
    front.mischief = ({ path }) => (path.includes('watch=') ? { cut: 'before' } : undefined);
    front.cutWatches();
    const made = [configMap(app, 'shared', { a: '1' }), configMap(app, 'new', { by: 'the other process' })];
    const { parent } = (await release({ ...app, cluster: other }, made)).run;

    const { pruned } = await release(app, [configMap(app, 'shared', { a: '1' })], {
      last: { number: 1, parent },
    });
    expect(lines(pruned)).toEqual([`pruned ConfigMap ${namespace}/new`]);
  } finally {
    front.mischief = () => undefined;
    await other.close();
  }
});

test('an object that the last release pruned is created again although the watch has not shown its end', async () => {
  const app = alone('still');
  const [kept, again] = [configMap(app, 'kept-still', { a: '1' }), configMap(app, 'again', { a: '1' })];
  const first = await untilKnown(app, kept, again);
  const letPass = front.holdWatches();
  try {
    const { run, pruned } = await release(app, [kept], { last: { number: 1, parent: first } });
    expect(lines(pruned)).toEqual([`pruned ConfigMap ${namespace}/again`]);
    // Also after a release in between, which changes nothing.
    const { run: next } = await release(app, [kept], { last: { number: 1, parent: run.parent } });

    const { applied } = await release(app, [kept, again], { last: { number: 1, parent: next.parent } });

    expect(lines(applied)).toContain(`created ConfigMap ${namespace}/again`);
    expect(await read(app, corePath(app, 'configmaps', 'again'))).toBeDefined();
  } finally {
    letPass();
  }
});
