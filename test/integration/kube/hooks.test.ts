import { beforeAll, describe, expect, test } from 'vitest';
import { uniqueNamespace } from '../../support/sandbox.ts';
import { type Annotations, deploy, deployment, job, linesOf, options } from './order-setup.ts';
import {
  configMap,
  corePath,
  createNamespace,
  type Fixture,
  heldLease,
  namespaceObject,
  openRun,
  read,
  recordOf,
  rendered,
  startFixture,
  targetOf,
} from './release-setup.ts';

const fixture = startFixture();
const { namespace } = fixture;

beforeAll(() => createNamespace(fixture));

function alone(app: string): Fixture {
  return { ...fixture, target: targetOf(namespace, app) };
}

function readJob(name: string) {
  return read(fixture, `/apis/batch/v1/namespaces/${namespace}/jobs/${name}`);
}

async function jobNames(prefix: string): Promise<string[]> {
  const list = await read(fixture, `/apis/batch/v1/namespaces/${namespace}/jobs`);
  const items = (list?.items ?? []) as { metadata: { name: string } }[];
  return items.map(({ metadata }) => metadata.name).filter((name) => name.startsWith(prefix));
}

const uidOf = async (name: string) => (await readJob(name))?.metadata.uid;

describe('a hook', () => {
  test.each<[string, Annotations]>([
    ['slipway', { 'slipway.dev/hook': 'pre-deploy' }],
    ['argo', { 'argocd.argoproj.io/hook': 'PreSync' }],
    ['helm', { 'helm.sh/hook': 'pre-install,pre-upgrade' }],
  ])('before the deploy, as %s writes it, has ended when the first object is applied', async (app, words) => {
    const name = `pre-${app}`;
    const { run } = await deploy(alone(app), [configMap(fixture, name), job(fixture, name, words)]);

    expect(linesOf(run)).toEqual([
      `created Job ${name}: hook: ran before the deploy`,
      `created ConfigMap ${name}`,
    ]);
    const ended = await readJob(name);
    const map = await read(fixture, corePath(fixture, 'configmaps', name));
    const { completionTime } = (ended?.status ?? {}) as { completionTime?: string };
    const created = Date.parse(String(map?.metadata.creationTimestamp));
    expect(Date.parse(completionTime ?? '')).toBeLessThanOrEqual(created);
  });

  test('after the deploy starts once the objects are healthy', async () => {
    const words = { 'slipway.dev/hook': 'post-deploy' };
    const { run } = await deploy(alone('after'), [
      job(fixture, 'smoke', words),
      deployment(fixture, 'after'),
    ]);

    expect(linesOf(run)).toEqual([
      'created Deployment after',
      'created Job smoke: hook: ran after the deploy',
    ]);
  });

  test('that fails ends the release with its reason, and a hook for failures runs', async () => {
    const objects = [
      job(fixture, 'broken', { 'slipway.dev/hook': 'pre-deploy' }, { image: 'migrate:fail' }),
      job(fixture, 'alarm', { 'argocd.argoproj.io/hook': 'SyncFail' }),
      job(fixture, 'later', { 'slipway.dev/hook': 'pre-deploy', 'slipway.dev/wave': '1' }),
      configMap(fixture, 'broken'),
    ];

    const { run, reasons } = await deploy(alone('broken'), objects);

    expect(reasons).toEqual([expect.stringMatching(/BackoffLimitExceeded|exit code 1|backoff limit/i)]);
    expect(linesOf(run)).toEqual([
      expect.stringMatching(/^failed Job broken: /),
      'skipped Job later: hook: not run: a hook before it failed',
      'skipped ConfigMap broken: not applied: an earlier object failed',
      'created Job alarm: hook: ran because the release failed',
    ]);
    expect(await readJob('later')).toBeUndefined();
  });

  test('that does not end within its own timeout fails with that reason', async () => {
    const words = { 'slipway.dev/hook': 'pre-deploy', 'slipway.dev/hook-timeout': '400ms' };
    const { reasons } = await deploy(alone('slow'), [job(fixture, 'slow', words, { image: 'migrate:hang' })]);

    expect(reasons).toEqual([expect.stringMatching(/^not done within 0.4 s; 0 of 1 pods succeeded/)]);
  });

  test('runs again in the next release, after its last run was deleted', async () => {
    const app = alone('again');
    const objects = [
      job(fixture, 'again', { 'argocd.argoproj.io/hook': 'PreSync' }),
      configMap(fixture, 'again'),
    ];
    await deploy(app, objects);
    const first = await uidOf('again');

    const { run } = await deploy(app, objects);

    expect(linesOf(run)[0]).toBe('created Job again: hook: ran before the deploy');
    expect(await uidOf('again')).not.toBe(first);
  });

  test('that still runs for a superseded release is ended before its next run', async () => {
    const app = alone('overtaken');
    const words = { 'slipway.dev/hook': 'pre-deploy', 'slipway.dev/hook-timeout': '200ms' };
    await deploy(app, [job(fixture, 'overtaken', words, { image: 'migrate:hang' })]);
    const first = await uidOf('overtaken');
    expect(first).toBeDefined();

    const { reasons } = await deploy(app, [job(fixture, 'overtaken', { 'slipway.dev/hook': 'pre-deploy' })]);

    expect(reasons).toEqual([]);
    expect(await uidOf('overtaken')).not.toBe(first);
  });

  test('runs once in a release, however often its attempt is repeated', async () => {
    const app = alone('once');
    const objects = [job(fixture, 'once', { 'slipway.dev/hook': 'pre-deploy' }), configMap(fixture, 'once')];
    await (await openRun(app, { releaseKey: 'key/1' })).apply(objects, options);
    const first = await uidOf('once');

    const { run } = await deploy(app, objects, { releaseKey: 'key/1' });

    expect(linesOf(run)[0]).toBe('unchanged Job once: hook: ran before the deploy');
    expect(await uidOf('once')).toBe(first);
  });

  test('with a generated name is another object in each release, and only the last one stays', async () => {
    const app = alone('generated');
    const objects = [
      job(fixture, 'generated-', { 'slipway.dev/hook': 'pre-deploy' }),
      configMap(fixture, 'generated'),
    ];
    await deploy(app, objects);
    const [first] = await jobNames('generated-');

    const { run } = await deploy(app, objects);

    const names = await jobNames('generated-');
    expect(names).toHaveLength(1);
    expect(names[0]).not.toBe(first);
    expect(linesOf(run)).toEqual([
      `created Job ${names[0]}: hook: ran before the deploy`,
      'unchanged ConfigMap generated',
    ]);
  });

  test.each<[string, string, string, boolean]>([
    ['succeeded', 'HookSucceeded', 'migrate:v1', false],
    ['kept', 'HookFailed', 'migrate:v1', true],
    ['failed', 'HookFailed', 'migrate:fail', false],
    ['kept-failed', 'HookSucceeded', 'migrate:fail', true],
  ])('is deleted if its policy says so: %s', async (name, policy, image, stays) => {
    const words = {
      'argocd.argoproj.io/hook': 'PreSync',
      'argocd.argoproj.io/hook-delete-policy': `BeforeHookCreation,${policy}`,
    };
    await deploy(alone(name), [job(fixture, `policy-${name}`, words, { image }), configMap(fixture, name)]);

    await expect.poll(async () => (await readJob(`policy-${name}`)) !== undefined).toBe(stays);
  });

  test('of Helm runs in the first release only if it is for installs, and in later ones if it is for upgrades', async () => {
    const app = alone('twice');
    const objects = [
      job(fixture, 'install', { 'helm.sh/hook': 'pre-install' }),
      job(fixture, 'upgrade', { 'helm.sh/hook': 'post-upgrade' }),
      configMap(fixture, 'twice'),
    ];

    const first = await deploy(app, objects);
    const second = await deploy(app, objects);

    expect(linesOf(first.run)).toEqual([
      'created Job install: hook: ran before the deploy',
      'created ConfigMap twice',
    ]);
    expect(linesOf(second.run)).toEqual([
      'unchanged ConfigMap twice',
      'created Job upgrade: hook: ran after the deploy',
    ]);
  });

  test('of Helm runs in the order of weights, and is deleted after the last one if its policy says so', async () => {
    const hook = (weight: string) => ({
      'helm.sh/hook': 'pre-install',
      'helm.sh/hook-weight': weight,
      'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded',
    });
    const settings = configMap(fixture, 'weights', {}, { annotations: hook('-5') });
    const { run } = await deploy(alone('weights'), [
      job(fixture, 'second', hook('2')),
      job(fixture, 'first', hook('1')),
      settings,
    ]);

    expect(run.changes.changes.map(({ ref }) => ref.name)).toEqual(['weights', 'first', 'second']);
    expect(await read(fixture, corePath(fixture, 'configmaps', 'weights'))).toBeUndefined();
    expect(await readJob('second')).toBeUndefined();
  });

  test('that Helm left behind is deleted and run by Slipway', async () => {
    const words = { 'helm.sh/hook': 'pre-install' };
    const { object } = job(fixture, 'inherited', words, { image: 'migrate:old' });
    const path = `/apis/batch/v1/namespaces/${namespace}/jobs`;
    await fixture.admin.request({ method: 'POST', path, body: object });

    const { reasons } = await deploy(alone('inherited'), [job(fixture, 'inherited', words)]);

    expect(reasons).toEqual([]);
    expect(JSON.stringify(await readJob('inherited'))).toContain('"image":"migrate:v1"');
  });

  test('of another target is refused with that target’s name', async () => {
    const hook = job(fixture, 'claimed', { 'slipway.dev/hook': 'pre-deploy' });
    await deploy(alone('owner'), [hook, configMap(fixture, 'owner')]);

    const { reasons } = await deploy(alone('thief'), [hook]);

    expect(reasons).toEqual([`it belongs to target ${alone('owner').target.id}`]);
  });

  test('that no file holds any more is pruned, also with a generated name', async () => {
    const app = alone('dropped');
    const words = { 'slipway.dev/hook': 'pre-deploy' };
    const keep = configMap(fixture, 'dropped');
    await deploy(app, [job(fixture, 'dropped', words), job(fixture, 'dropped-', words), keep]);
    expect(await jobNames('dropped')).toHaveLength(2);

    await deploy(app, [keep]);

    await expect.poll(() => jobNames('dropped')).toEqual([]);
  });

  test('that Argo CD skips is never applied, and what is live of it stays', async () => {
    const app = alone('skip');
    await deploy(app, [configMap(fixture, 'skip', { a: '1' }), configMap(fixture, 'beside')]);
    const annotations = { 'argocd.argoproj.io/hook': 'Skip' };

    const { run } = await deploy(app, [
      configMap(fixture, 'skip', { a: '2' }, { annotations }),
      configMap(fixture, 'beside'),
    ]);

    expect(linesOf(run)[0]).toBe('skipped ConfigMap skip: hook: Argo CD skips it too');
    expect((await read(fixture, corePath(fixture, 'configmaps', 'skip')))?.data).toEqual({ a: '1' });
  });

  test('runs in a namespace that its app creates', async () => {
    const other = uniqueNamespace('hooks');
    const hook = job({ ...fixture, namespace: other }, 'inside', { 'slipway.dev/hook': 'pre-deploy' });

    const { reasons } = await deploy(alone('inside'), [hook, namespaceObject(other)]);

    expect(reasons).toEqual([]);
    await fixture.admin.request({ method: 'DELETE', path: `/api/v1/namespaces/${other}` });
  });

  test('is reported by a dry run, and does not run', async () => {
    const run = await openRun(alone('plan'));
    const objects = [
      job(fixture, 'planned', { 'slipway.dev/hook': 'pre-deploy' }),
      job(fixture, 'planned-after', { 'slipway.dev/hook': 'post-deploy' }),
      configMap(fixture, 'plan'),
    ];

    await run.apply(objects, { ...options, dryRun: true });

    expect(linesOf(run)).toEqual([
      'created Job planned: hook: would run before the deploy',
      'created Job planned-after: hook: would run after the deploy',
      'created ConfigMap plan',
    ]);
    expect(await jobNames('planned')).toEqual([]);
  });
});

test('a finished Job that its TTL removed does not run again until it changes', async () => {
  const app = alone('ttl');
  const migrate = (image: string) => job(fixture, 'ttl', {}, { image, spec: { ttlSecondsAfterFinished: 0 } });
  await deploy(app, [migrate('migrate:v1'), configMap(fixture, 'ttl', { a: '1' })]);
  await expect.poll(() => readJob('ttl')).toBeUndefined();

  const unchanged = await deploy(app, [migrate('migrate:v1'), configMap(fixture, 'ttl', { a: '2' })]);
  const changed = await deploy(app, [migrate('migrate:v2'), configMap(fixture, 'ttl', { a: '2' })]);

  expect(linesOf(unchanged.run)).toEqual([
    'configured ConfigMap ttl',
    'unchanged Job ttl: it finished in an earlier release and was cleaned up',
  ]);
  expect(linesOf(changed.run)).toEqual(['unchanged ConfigMap ttl', 'created Job ttl']);
});

test('a Job that finished in a failed release does not run again in the next one', async () => {
  const app = alone('ttl-failed');
  const migrate = job(fixture, 'ttl-failed', {}, { spec: { ttlSecondsAfterFinished: 0 } });
  const run = await openRun(app);
  await run.apply([migrate, deployment(fixture, 'ttl-failed', {}, 'loan-service:missing')], options);
  const { signal } = options;
  expect(await run.verify([], { signal, timeoutMs: 20_000, failFastMs: 2_000 })).toHaveLength(1);
  await run.writeRecord(recordOf(app), undefined, heldLease);
  await expect.poll(() => readJob('ttl-failed'), { timeout: 10_000 }).toBeUndefined();

  const { run: next } = await deploy(app, [migrate, deployment(fixture, 'ttl-failed')]);

  expect(linesOf(next)).toEqual([
    'unchanged Job ttl-failed: it finished in an earlier release and was cleaned up',
    'configured Deployment ttl-failed',
  ]);
});

test('a hook is a member of the set as long as it exists', async () => {
  const words = { 'slipway.dev/hook': 'pre-deploy' };
  const account = rendered({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'member', namespace, annotations: words },
  });
  await deploy(alone('member'), [account, job(fixture, 'member', words), configMap(fixture, 'member')]);

  const labels = await Promise.all(
    [readJob('member'), read(fixture, corePath(fixture, 'configmaps', 'member'))].map(
      async (object) => (await object)?.metadata.labels,
    ),
  );
  expect(labels[0]).toEqual(labels[1]);
});
