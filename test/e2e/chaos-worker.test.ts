import { expect, it } from 'vitest';
import { app } from '../support/apps.ts';
import { getObject, letGo } from '../support/cluster.ts';
import { kubectl } from '../support/kubectl.ts';
import { configMap, deployment, slipwayYaml } from '../support/loan-service.ts';
import { errorsIn, expectNoOverlap, testRepository } from '../support/repository.ts';
import { eventually, type TestSlipway, testSlipway } from '../support/slipway.ts';

/**
 * A Slipway in processes of their own; the test starts the deploy workers. These tests mostly wait for locks
 * to expire, so they run concurrently.
 */
async function withSlipway(
  work: (slipway: TestSlipway) => Promise<void>,
  options: Parameters<typeof testSlipway>[1] = {},
): Promise<void> {
  const slipway = await testSlipway('github', options);
  try {
    await slipway.start('server');
    await Promise.all(['intake', 'notify'].map((name) => slipway.start('worker', name)));
    await work(slipway);
    expect(errorsIn(slipway)).toEqual([]);
  } finally {
    await slipway.stop();
  }
}

const environments = (namespace: string) => ({
  production: { branch: 'main', cluster: 'prod', namespace },
});

const version = (image: string) => ({ 'deploy/loan-service/deployment.yaml': deployment({ image }) });

const loanService = (slipway: TestSlipway) =>
  testRepository(slipway, (namespace) => ({ 'slipway.yaml': slipwayYaml(environments(namespace)) }));

it.concurrent('a release whose deploy worker is killed twice still ends in the right state', () =>
  withSlipway(async (slipway) => {
    const startWorker = () => slipway.start('worker', 'deploy');
    let worker = await startWorker();
    const repository = await loanService(slipway);
    const first = await repository.push(version('a:held'));
    await repository.reached('loan-service', ['verifying']);
    await worker.end('SIGKILL');
    const second = await repository.push(version('b:held'));
    await repository.delivered('the second push', ({ commit }) => commit === second);
    worker = await startWorker();
    await eventually('the second release under way', async () => {
      const [newest] = await repository.history('loan-service');
      return newest?.commit === second && newest.state === 'verifying';
    });
    await worker.end('SIGKILL');
    await startWorker();
    await letGo(repository.namespace);

    await repository.reported(second, 'success');
    const skipped = (await repository.lastStatuses(first))['slipway/production'];
    expect(skipped).toMatchObject({
      state: 'success',
      description: expect.stringContaining(`superseded by ${second.slice(0, 12)}`),
    });
    const history = await repository.history('loan-service');
    expect(history).toMatchObject([
      { number: 2, commit: second, state: 'succeeded', attempts: 2 },
      { number: 1, commit: first, state: 'superseded', supersededBy: second },
    ]);
    expectNoOverlap(history);
    const live = await getObject('deployment', repository.namespace, 'loan-service');
    expect(JSON.stringify(live?.spec)).toContain('b:held');
    expect((await slipway.targets()).every(({ release }) => release?.endedAt !== undefined)).toBe(true);
  }));

it.concurrent('a deploy worker that is asked to stop returns its release to the queue, and another worker finishes it', () =>
  withSlipway(async (slipway) => {
    const stopping = await slipway.start('worker', 'deploy');
    const repository = await loanService(slipway);
    const commit = await repository.push(version('a:held'));
    await repository.reached('loan-service', ['verifying']);
    // The release does not end by itself, so a worker that waited for it would never stop.
    const [code] = await Promise.all([stopping.end('SIGTERM'), slipway.start('worker', 'deploy')]);
    expect(code).toBe(0);
    expect(stopping.log()).toContain('"msg":"stopped"');

    await letGo(repository.namespace);
    await repository.reported(commit, 'success');
    expect(await repository.history('loan-service')).toMatchObject([
      { number: 1, state: 'succeeded', attempts: 2 },
    ]);
  }));

const OBJECTS = 300;

function manyObjects(value: string): Record<string, string> {
  const names = Array.from({ length: OBJECTS }, (_, i) => `settings-${String(i).padStart(3, '0')}`);
  return { 'apps/web/all.yaml': names.map((name) => configMap(name, { value })).join('---\n') };
}

it.concurrent('a deploy worker that is paused until its lock expires writes nothing when it resumes', () =>
  withSlipway(
    async (slipway) => {
      const stale = await slipway.start('worker', 'deploy');
      const repository = await testRepository(slipway, (namespace) => ({
        'slipway.yaml': slipwayYaml(environments(namespace), { web: { path: 'apps/web' } }),
        ...app('web', 'first'),
      }));
      const values = async () => {
        const list = await kubectl(['get', 'configmaps', '-n', repository.namespace, '-o', 'json']);
        const { items } = JSON.parse(list) as { items: { data?: { value?: string } }[] };
        return items.flatMap(({ data }) => data?.value ?? []);
      };
      const all = (found: string[]) => new Set(found.filter((value) => value !== 'first'));
      const old = await repository.push(manyObjects('old'));
      await eventually('some objects', async () => (await values()).includes('old'));
      stale.kill('SIGSTOP');
      const reachedBefore = (await values()).filter((value) => value === 'old').length;
      expect(reachedBefore).toBeLessThan(OBJECTS);

      await slipway.start('worker', 'deploy');
      const next = await repository.push(manyObjects('new'));
      await repository.reported(next, 'success');
      expect(all(await values())).toEqual(new Set(['new']));

      stale.kill('SIGCONT');
      await eventually('the stale worker to notice', async () => /taken/.test(stale.log()));
      await stale.end();
      expect(all(await values())).toEqual(new Set(['new']));
      const history = await repository.history('web');
      expect(history[0]).toMatchObject({ commit: next, state: 'succeeded' });
      expect(history.find(({ commit }) => commit === old)).toMatchObject({
        state: 'superseded',
        supersededBy: next,
      });
      // One request at a time keeps the release running long enough to be interrupted.
    },
    { maxRequests: 1 },
  ));
