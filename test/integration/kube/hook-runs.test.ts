import { beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/model/object.ts';
import { hintOfChange, reasonOfChange } from '../../support/failures.ts';
import { type Annotations, deploy, job, linesOf } from './order-setup.ts';
import {
  configMap,
  corePath,
  createNamespace,
  type Fixture,
  heldLease,
  openRun,
  patch,
  read,
  recordOf,
  startFixture,
  targetOf,
} from './release-setup.ts';

const fixture = startFixture();
const { namespace } = fixture;

beforeAll(() => createNamespace(fixture));

function alone(app: string): Fixture {
  return { ...fixture, target: targetOf(namespace, app) };
}

const path = (name = '') => `/apis/batch/v1/namespaces/${namespace}/jobs${name && `/${name}`}`;

const uidOf = async (name: string) => (await read(fixture, path(name)))?.metadata.uid;

const argo = (policy: string): Annotations => ({
  'argocd.argoproj.io/hook': 'PreSync',
  'argocd.argoproj.io/hook-delete-policy': policy,
});

const helm = (policy: string): Annotations => ({
  'helm.sh/hook': 'pre-install,pre-upgrade',
  'helm.sh/hook-delete-policy': policy,
});

describe('a hook that is suspended', () => {
  const suspended: JsonObject = { suspend: true };

  test('is not done, and later objects wait for it', async () => {
    const words = { 'slipway.dev/hook': 'pre-deploy', 'slipway.dev/hook-timeout': '300ms' };
    const hook = job(fixture, 'suspended', words, { spec: suspended });

    const { run, reasons } = await deploy(alone('suspended'), [hook, configMap(fixture, 'suspended')]);

    expect(reasons).toEqual(['not done within 0.3 s; suspended']);
    expect(linesOf(run).at(-1)).toMatch(/^skipped ConfigMap suspended/);
  });

  test('is done once somebody has resumed it', async () => {
    const hook = job(fixture, 'queued', { 'slipway.dev/hook': 'pre-deploy' }, { spec: suspended });
    const deployed = deploy(alone('queued'), [hook]);
    await expect.poll(() => uidOf('queued')).toBeDefined();

    await patch(fixture, path('queued'), { spec: { suspend: false } }, 'kueue');

    expect((await deployed).reasons).toEqual([]);
    expect((await read(fixture, path('queued')))?.status).toMatchObject({ succeeded: 1 });
  });
});

describe('the last run of a hook that is not to be deleted', () => {
  test('is not reported as run again if it succeeded', async () => {
    const app = alone('kept');
    const hook = job(fixture, 'kept', argo('HookFailed'));
    await deploy(app, [hook, configMap(fixture, 'kept', { a: '1' })]);
    const first = await uidOf('kept');

    const { run, reasons } = await deploy(app, [hook, configMap(fixture, 'kept', { a: '2' })]);

    expect(reasons).toEqual([]);
    expect(linesOf(run)).toEqual([
      'unchanged Job kept: hook: not run again: its last run is still there, and ' +
        'argocd.argoproj.io/hook-delete-policy does not say BeforeHookCreation',
      'configured ConfigMap kept',
    ]);
    expect(await uidOf('kept')).toBe(first);
  });

  test.each<[string, Annotations, string, string]>([
    ['that failed', argo('HookSucceeded'), 'migrate:fail', 'BeforeHookCreation'],
    ['of Helm', helm('hook-failed'), 'migrate:v1', 'before-hook-creation'],
  ])('ends the release where it is one %s', async (name, words, image, word) => {
    const app = alone(`stays-${word.length}`);
    const hook = job(fixture, `stays-${word.length}`, words, { image });
    await deploy(app, [hook, configMap(fixture, `stays-${word.length}`)]);

    const { run, reasons } = await deploy(app, [hook]);

    expect(reasons, name).toEqual([expect.stringMatching(`^cannot run again: .* does not say ${word}$`)]);
    expect(hintOfChange(run.changes.changes[0])).toMatch(
      new RegExp(`^Add ${word} to .*, or delete the Job by hand`),
    );
  });

  test('is deleted by Slipway’s own annotation, whatever the others say', async () => {
    const app = alone('own');
    const words = { ...argo('HookSucceeded'), 'slipway.dev/hook-delete': 'before-creation' };
    const hook = job(fixture, 'own', words);
    await deploy(app, [hook]);
    const first = await uidOf('own');
    expect(first).toBeDefined();

    await deploy(app, [hook]);

    expect(await uidOf('own')).not.toBe(first);
  });
});

test('a Job that is no hook is not deleted to run a hook of its name', async () => {
  const { object } = job(fixture, 'stranger', {});
  await fixture.admin.request({ method: 'POST', path: path(), body: object });
  const first = await uidOf('stranger');

  const { reasons } = await deploy(alone('stranger'), [
    job(fixture, 'stranger', { 'slipway.dev/hook': 'pre-deploy' }),
  ]);

  expect(reasons).toEqual([expect.stringMatching(/^a Job of this name exists that is no hook/)]);
  expect(await uidOf('stranger')).toBe(first);
});

describe('a hook whose object is deleted once it has succeeded', () => {
  const hook = configMap(
    fixture,
    'migrated',
    {},
    {
      annotations: { 'slipway.dev/hook': 'pre-deploy', 'slipway.dev/hook-delete': 'succeeded' },
    },
  );
  const objects = [hook, configMap(fixture, 'after-migration')];
  const options = { signal: new AbortController().signal, checkLease: heldLease };

  /** One attempt of a release, which ends before its record is written. */
  async function attempt(releaseKey: string) {
    const run = await openRun(alone('repeated'), { releaseKey });
    const { changes } = await run.apply(objects, options);
    const [change] = changes.filter((one) => one.hook);
    return { run, change: `${change?.action} ${reasonOfChange(change)}` };
  }

  test('runs once per release, however often the release is attempted', async () => {
    const ran = 'created hook: ran before the deploy';
    const notRun = 'unchanged hook: not run again: it ended well in an earlier attempt of this release';
    expect((await attempt('first')).change).toBe(ran);
    expect(await read(fixture, corePath(fixture, 'configmaps', 'migrated'))).toBeUndefined();

    const { run, change } = await attempt('first');
    expect(change).toBe(notRun);
    await run.writeRecord(recordOf(alone('repeated')), objects, heldLease);

    expect((await attempt('second')).change).toBe(ran);
    expect((await attempt('second')).change).toBe(notRun);
  });
});
