import { describe, expect, it } from 'vitest';
import { getObject } from '../../support/cluster.ts';
import { shown } from '../../support/failures.ts';
import { kubectl } from '../../support/kubectl.ts';
import { app, type Fixture, fixture, names } from './move-setup.ts';

const confirmingMessage = 'Remove what is old\n\nslipway.dev/confirm-prune: old';
const objectWithFinalizer = {
  'apps/old/hanging.yaml': JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'hanging', finalizers: ['example.com/hold'] },
  }),
};

async function deployed(more: Record<string, string> = {}): Promise<Fixture> {
  const loans = await fixture();
  await loans.push(['old', 'other'], { ...app('old'), ...app('other', ['x']), ...more });
  await loans.deploy('old');
  await loans.deploy('other');
  return loans;
}

/** Sets a timeout of 100 ms, for health and for deletions. */
async function shortenTimeout({ composition, repository }: Fixture): Promise<void> {
  const target = repository.target('old');
  const record = await composition.releases.record(target);
  const shortened = { ...record?.target, timeoutMs: 100 };
  await composition.redis.hset(composition.keys.target(target), 'target', JSON.stringify(shortened));
}

const removeFinalizer = ({ repository: { namespace } }: Fixture) =>
  kubectl(['patch', 'configmap', 'hanging', '-n', namespace, '-p', '{"metadata":{"finalizers":null}}']);
const listed = async ({ composition }: Fixture) =>
  (await composition.queries.targets({}, 100)).targets.map(({ app: name }) => name);

describe('a confirmation', () => {
  it('does not count in a commit before the one that removes the objects', async () => {
    const loans = await deployed();
    await loans.push(['old', 'other'], { 'README.md': 'early' }, confirmingMessage);
    await loans.push(['old', 'other'], app('old', ['a']));
    await loans.deploy('old');

    expect(await loans.newest('old')).toMatchObject({ state: 'succeeded', held: true });
    expect(await loans.uid('b')).toBeDefined();
  });

  it('counts in the same commit and in a later commit', async () => {
    const loans = await deployed();
    await loans.push(['old', 'other'], app('old', ['a']), confirmingMessage);
    await loans.deploy('old');
    expect(await loans.newest('old')).toMatchObject({ summary: '3 pruned, 1 unchanged' });

    await loans.push(['old', 'other'], app('old', ['a', ...names.map((name) => `${name}2`)]));
    await loans.deploy('old');
    await loans.push(['old', 'other'], app('old', ['a']));
    await loans.deploy('old');
    expect(await loans.newest('old')).toMatchObject({ held: true });
    await loans.push(['old', 'other'], { 'README.md': 'late' }, confirmingMessage);
    await loans.deploy('old');
    expect(await loans.newest('old')).toMatchObject({ summary: '4 pruned, 1 unchanged' });
  });

  it('by a manual deploy is refused while a release is in progress or if no prune is held', async () => {
    const loans = await deployed();
    const old = loans.repository.target('old');
    const confirm = () => loans.composition.queries.requestDeploy(old, 'dana', true);
    await expect(confirm()).rejects.toThrow('no prune of old@production is held');
    await loans.push(['old', 'other'], app('old', ['a']));
    await expect(confirm()).rejects.toThrow('a release of old@production is in progress');
    await loans.deploy('old');
    await confirm();
    await loans.deploy('old');
    expect(await loans.newest('old')).toMatchObject({ summary: '3 pruned, 1 unchanged' });
  });
});

describe('a removed app', () => {
  it('is blocked while a finalizer holds one of its objects, and is forgotten after the object is deleted', async () => {
    const loans = await deployed(objectWithFinalizer);
    await loans.push(['other'], {}, confirmingMessage);
    await shortenTimeout(loans);
    await loans.deploy('old');
    expect(shown(await loans.newest('old'))).toMatchObject({
      state: 'blocked',
      reason: expect.stringMatching(
        /^no longer in slipway.yaml; not deleted: it is being deleted, held up by example.com\/hold \(ConfigMap hanging\)$/,
      ),
    });
    expect((await loans.composition.desired.unhandled()).map(({ target }) => target)).toContain(
      loans.repository.target('old'),
    );

    await removeFinalizer(loans);
    await loans.deploy('old');

    expect(await loans.newest('old')).toMatchObject({ number: 2, state: 'succeeded', forgotten: true });
    expect(await listed(loans)).toEqual(['other']);
    expect(await getObject('configmap', loans.repository.namespace, 'a')).toBeUndefined();
  });

  it('names its kept objects, and its short name still resolves after it is forgotten', async () => {
    const claim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    };
    const loans = await deployed({ 'apps/old/claim.yaml': JSON.stringify(claim) });
    await loans.push(['other'], {}, confirmingMessage);
    await loans.deploy('old');
    expect(shown(await loans.newest('old'))).toMatchObject({
      state: 'succeeded',
      reason: 'no longer in slipway.yaml; kept: 1 object (PersistentVolumeClaim data)',
      hint: expect.stringContaining('slipway deploy old@production then forgets'),
    });

    await kubectl(['delete', 'pvc', 'data', '-n', loans.repository.namespace]);
    await loans.composition.queries.requestDeploy(loans.repository.target('old'), 'dana');
    await loans.deploy('old');

    expect(await listed(loans)).toEqual(['other']);
    const { resolve } = loans.composition.queries;
    expect(await resolve('old@production')).toBe(loans.repository.target('old'));
    await expect(resolve('odd@production')).rejects.toThrow('no target odd@production');
  });
});

it('a release succeeds with a notice if a finalizer holds an old object, and the next commit retries the deletion', async () => {
  const loans = await deployed(objectWithFinalizer);
  await loans.push(['old', 'other'], { 'apps/old/hanging.yaml': null, ...app('old', ['a', 'b', 'c']) });
  await shortenTimeout(loans);
  await loans.deploy('old');
  expect(shown(await loans.newest('old'))).toMatchObject({
    state: 'succeeded',
    unfinished: true,
    reason: 'not deleted: it is being deleted, held up by example.com/hold (ConfigMap hanging)',
    summary: '2 pruned, 3 unchanged',
  });

  await removeFinalizer(loans);
  await loans.push(['old', 'other'], { 'README.md': 'another commit' });
  await loans.deploy('old');

  const last = await loans.newest('old');
  expect(last).toMatchObject({ number: 3, summary: 'nothing changed' });
  expect(last?.unfinished).toBeUndefined();
});
