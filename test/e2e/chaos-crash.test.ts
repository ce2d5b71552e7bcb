import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SlipwayProcess } from '../../sandbox/slipway/start-slipway.ts';
import { getObject } from '../support/cluster.ts';
import { deployment, slipwayYaml } from '../support/loan-service.ts';
import { errorsIn, expectNoOverlap, type TestRepository, testRepository } from '../support/repository.ts';
import { eventually, type TestSlipway, testSlipway } from '../support/slipway.ts';

let slipway: TestSlipway;
let worker: SlipwayProcess;

beforeAll(async () => {
  slipway = await testSlipway();
  await slipway.start('server');
  await Promise.all(['intake', 'notify'].map((name) => slipway.start('worker', name)));
  worker = await slipway.start('worker', 'deploy');
});
afterAll(async () => {
  expect(errorsIn(slipway)).toEqual([]);
  await slipway.stop();
});

/** A Deployment that is not available before its pods were ready for so many seconds. */
function rollingFor(seconds: number, image: string): Record<string, string> {
  const manifest = deployment({ image }).replace('spec:\n', `spec:\n  minReadySeconds: ${seconds}\n`);
  return { 'deploy/loan-service/deployment.yaml': manifest };
}

function loanService(files: Record<string, string>): Promise<TestRepository> {
  return testRepository(slipway, (namespace) => ({
    'slipway.yaml': slipwayYaml({ production: { branch: 'main', cluster: 'prod', namespace } }),
    ...files,
  }));
}

/** A crash of the deploy worker; nothing of it is left to end in order. */
async function crash(): Promise<void> {
  await worker.end('SIGKILL');
}

async function restart(): Promise<void> {
  worker = await slipway.start('worker', 'deploy');
}

describe('a deploy worker', () => {
  it('that is killed in the middle of a release, twice, leaves the right end state behind', async () => {
    const repository = await loanService({ 'README.md': 'loans' });
    const first = await repository.push(rollingFor(0, 'a:slow'));
    await repository.reached('loan-service', ['verifying']);
    await crash();
    const second = await repository.push(rollingFor(0, 'b:slow'));
    await repository.delivered('the second push', ({ commit }) => commit === second);
    await restart();
    await eventually('the second release under way', async () => {
      const [newest] = await repository.history('loan-service');
      return newest?.commit === second && newest.state === 'verifying';
    });
    await crash();
    await restart();

    await repository.answered(second, 'success', 'slipway/production', 60_000);
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
    expect(JSON.stringify(live?.spec)).toContain('b:slow');
    expect((await slipway.targets()).every(({ release }) => release?.endedAt !== undefined)).toBe(true);
  });

  it('that is asked to stop hands back what runs, and another one ends it', async () => {
    const repository = await loanService({ 'README.md': 'loans' });
    const commit = await repository.push(rollingFor(8, 'a:slow'));
    await repository.reached('loan-service', ['verifying']);
    const stopping = worker;
    const since = performance.now();
    const [code] = await Promise.all([stopping.end('SIGTERM'), restart()]);
    expect(code).toBe(0);
    expect(performance.now() - since).toBeLessThan(9_000);
    expect(stopping.log()).toContain('"msg":"stopped"');

    await repository.answered(commit, 'success');
    expect(await repository.history('loan-service')).toMatchObject([
      { number: 1, state: 'succeeded', attempts: 2 },
    ]);
  });
});
