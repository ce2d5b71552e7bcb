import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { app, appsYaml } from '../support/apps.ts';
import { getObject, letGo } from '../support/cluster.ts';
import { deployment } from '../support/loan-service.ts';
import { errorsIn, secretsIn, type TestRepository, testRepository } from '../support/repository.ts';
import { eventually, type Face, type TestSlipway, testSlipway } from '../support/slipway.ts';

let slipway: TestSlipway;
let repository: TestRepository;

beforeAll(async () => {
  slipway = await testSlipway();
  await slipway.start('run');
});
afterAll(async () => {
  expect(errorsIn(slipway)).toEqual([]);
  expect(secretsIn(slipway, slipway.logs())).toEqual([]);
  await slipway.stop();
});
afterEach(() => repository.forge.clearFaults(repository.face, repository.name));

/** A repository whose first commit is deployed and reported, so that a test begins with its own push. */
async function settled(face: Face = 'github'): Promise<TestRepository> {
  repository = await testRepository(slipway, () => ({ 'README.md': 'loans' }), face);
  const first = await repository.push({ 'slipway.yaml': appsYaml(repository.namespace), ...app('web', '1') });
  await repository.reported(first, 'success');
  return repository;
}

const held = () => ({ 'apps/web/deployment.yaml': deployment({ name: 'web', image: 'web:held' }) });

/** The states of the environment's context on the commit, in order. */
async function statesOn({ forge, face, name }: TestRepository, commit: string): Promise<string[]> {
  const all = await forge.statuses(face, name, commit);
  return all.flatMap(({ context, state }) => (context === 'slipway/production' ? [state] : []));
}

const live = async ({ namespace }: TestRepository) =>
  ((await getObject('configmap', namespace, 'web'))?.data as { value: string } | undefined)?.value;

describe('a forge', () => {
  it.each([
    ['that rejects statuses', { statusDown: true }],
    ['whose API is down', { apiDown: true }],
  ])('%s delays the commit report and nothing else', async (_name, faults) => {
    const loans = await settled();
    await loans.forge.setFaults('github', faults, loans.name);
    const commit = await loans.push(app('web', '2'));
    await eventually('the release', async () => {
      const [newest] = await loans.history('web');
      return newest?.commit === commit && newest.state === 'succeeded';
    });
    expect(await live(loans)).toBe('2');
    expect(await loans.delivered('the push', (one) => one.commit === commit)).toMatchObject({
      state: 'done',
    });
    expect(await statesOn(loans, commit)).toEqual([]);
    await loans.forge.clearFaults('github', loans.name);
    await loans.reported(commit, 'success');
    expect(await statesOn(loans, commit)).toEqual(['success']);
  });

  it('that asks for a pause gets no request for that long, whatever commit it is about', async () => {
    const loans = await settled();
    const pauseMs = 6_000;
    await loans.forge.setFaults(
      'github',
      { rateLimit: { times: 1, retryAfter: pauseMs / 1_000 } },
      loans.name,
    );
    const first = await loans.push(app('web', '2'));
    const limited = await eventually('the refusal', async () => {
      const requests = await loans.forge.requests('github', loans.name);
      return requests.find(({ status }) => status === 403 || status === 429);
    });
    const second = await loans.push(app('web', '3'));
    for (const commit of [first, second]) await loans.reported(commit, 'success');
    const requests = await loans.forge.requests('github', loans.name);
    const early = requests.filter(
      ({ kind, at }) => kind === 'rest' && at > limited.at && at < limited.at + pauseMs - 50,
    );
    expect(early).toEqual([]);
    expect(await live(loans)).toBe('3');
  });

  it('gets no status twice', async () => {
    const loans = await settled();
    const commit = await loans.push(app('web', '2'));
    await loans.reported(commit, 'success');
    const [sent] = await loans.forge.deliveries({ repo: loans.name, event: 'push' });
    await loans.forge.redeliver(sent?.id ?? 0);
    await loans.delivered('the repeated delivery', ({ repeats }) => repeats === 1);
    // A pending status would be sent within this time.
    await sleep(2_500);
    const all = await loans.forge.statuses('github', loans.name, commit);
    const words = all.map(({ context, state }) => `${context}=${state}`);
    expect(words).toHaveLength(new Set(words).size);
    expect(words).toContain('slipway/production/web=success');
  });
});

describe.each<Face>(['github', 'gitlab'])('a pending status on %s', (face) => {
  it('is sent if the release does not end at once', async () => {
    const loans = await settled(face);
    const slow = await loans.push(held());
    await loans.reported(slow, 'pending');
    await letGo(loans.namespace);
    await loans.reported(slow, 'success');
    expect(await statesOn(loans, slow)).toEqual(['pending', 'success']);
  });
});

describe('the contexts of the apps', () => {
  it.each([
    [10, 11],
    [11, 1],
  ])('of %i changed apps are %i contexts', async (apps, contexts) => {
    const loans = await settled();
    const names = Array.from({ length: apps }, (_, i) => `app-${i}`);
    const commit = await loans.push(Object.assign({}, ...names.map((name) => app(name, '1'))));
    const status = await loans.reported(commit, 'success');
    expect(status.description).toBe(`${apps} succeeded`);
    const contextsNow = async () => Object.keys(await loans.lastStatuses(commit)).length;
    await eventually(`${contexts} contexts`, async () => (await contextsNow()) >= contexts);
    await sleep(500);
    expect(await contextsNow()).toBe(contexts);
  });
});

describe('the pull request of a release', () => {
  it('gets the commit report even if its webhook is lost, because the forge is asked', async () => {
    const loans = await settled();
    await loans.push(app('web', '2'), 'work');
    const pull = await loans.forge.openPullRequest('github', loans.name, { title: 'web 2', head: 'work' });
    const hookless = await loans.forge.deliveries({ repo: loans.name, event: 'pull_request' });
    expect(hookless).not.toEqual([]);
    const merged = await mergeWithoutItsWebhook(loans, pull.number);
    for (const commit of [merged, pull.headSha]) await loans.reported(commit, 'success');
  });
});

/** Only the push arrives; the webhook of the merged pull request is lost. */
async function mergeWithoutItsWebhook(loans: TestRepository, number: number): Promise<string> {
  await loans.forge.setFaults('github', { lose: 2 }, loans.name);
  const pull = await loans.forge.mergePullRequest('github', loans.name, number, { method: 'squash' });
  await loans.forge.quiet();
  const lost = await loans.forge.deliveries({ repo: loans.name, event: 'push' });
  const push = lost.findLast(({ fate }) => fate === 'lost');
  await loans.forge.redeliver(push?.id ?? 0);
  return pull.mergeCommitSha ?? '';
}
