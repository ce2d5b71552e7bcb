import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deployment, slipwayYaml } from '../support/loan-service.ts';
import { errorsIn, expectNoOverlap, type TestRepository, testRepository } from '../support/repository.ts';
import { eventually, type Face, type TestSlipway, testSlipway } from '../support/slipway.ts';

const PUSHES = 20;

/** Pods with the tag `held` do not become ready by themselves, so a release is still running at the next push. */
const version = (number: number, tag = 'held') => ({
  'deploy/loan-service/deployment.yaml': deployment({ image: `loan-service-${number}:${tag}` }),
});

let slipway: TestSlipway;

beforeAll(async () => {
  slipway = await testSlipway();
  await slipway.start('run');
});
afterAll(async () => {
  expect(errorsIn(slipway)).toEqual([]);
  await slipway.stop();
});

function loanService(face: Face): Promise<TestRepository> {
  return testRepository(
    slipway,
    (namespace) => ({
      'slipway.yaml': slipwayYaml({ production: { branch: 'main', cluster: 'prod', namespace } }),
      ...version(0, 'v1'),
    }),
    face,
  );
}

async function pushMany(repository: TestRepository): Promise<string[]> {
  const commits: string[] = [];
  for (let number = 1; number < PUSHES; number += 1) commits.push(await repository.push(version(number)));
  commits.push(await repository.push(version(PUSHES, 'v1')));
  return commits;
}

/** Waits until the commit's status says that another commit superseded it, and returns that commit. */
async function successorOf(repository: TestRepository, commit: string, context: string): Promise<string> {
  return eventually(`the final status of ${commit} in ${context}`, async () => {
    const { [context]: status } = await repository.lastStatuses(commit);
    return /superseded by ([0-9a-f]{12})/.exec(status?.description ?? '')?.[1];
  });
}

describe.each<[Face, string]>([
  ['github', 'success'],
  ['gitlab', 'canceled'],
])('twenty pushes in a row on %s', (face, skippedState) => {
  it('are released one at a time; the last one wins, and the others are marked as superseded by it', async () => {
    const repository = await loanService(face);
    const commits = await pushMany(repository);
    const last = commits.at(-1) ?? '';
    await repository.reported(last, 'success');
    const history = await repository.history('loan-service');
    expectNoOverlap(history);
    expect(history[0]).toMatchObject({ state: 'succeeded', commit: last });
    expect(history.filter(({ state }) => state === 'succeeded')).toHaveLength(1);
    expect(history.slice(1).every(({ state }) => state === 'superseded')).toBe(true);

    for (const [i, commit] of commits.slice(0, -1).entries()) {
      const successor = await successorOf(repository, commit, 'slipway/production');
      expect(commits.slice(i + 1).map((sha) => sha.slice(0, 12))).toContain(successor);
      const statuses = await repository.lastStatuses(commit);
      for (const status of Object.values(statuses)) expect(status.state).toBe(skippedState);
    }
  });
});

describe('a force push', () => {
  it('reports an error on the commit that it dropped', async () => {
    const repository = await loanService('github');
    const { forge, face, name } = repository;
    const base = (await forge.head(face, name, 'main')) ?? '';
    const dropped = await repository.push(version(1));
    await repository.reached('loan-service', ['verifying']);
    await forge.resetBranch(face, name, 'main', base);
    const next = await repository.push(version(2, 'v1'));
    await repository.reported(next, 'success');
    await successorOf(repository, dropped, 'slipway/production');
    expect((await repository.lastStatuses(dropped))['slipway/production']?.state).toBe('error');
    expect((await repository.history('loan-service'))[0]).toMatchObject({ commit: next, state: 'succeeded' });
  });
});

describe('webhooks', () => {
  it('that arrive twice are recorded as repeated and release once', async () => {
    const repository = await loanService('github');
    await repository.forge.setFaults('github', { repeat: 1 }, repository.name);
    const commit = await repository.push(version(1, 'v1'));
    await repository.reported(commit, 'success');
    await repository.forge.quiet();
    const delivery = await repository.delivered(
      'the push',
      (one) => one.commit === commit && one.repeats > 0,
    );
    expect(delivery).toMatchObject({ repeats: 1, kind: 'webhook' });
    expect((await repository.history('loan-service')).filter((one) => one.commit === commit)).toHaveLength(1);
  });

  it('that are redelivered release nothing that already runs', async () => {
    const repository = await loanService('github');
    const commit = await repository.push(version(1, 'v1'));
    await repository.reported(commit, 'success');
    const [sent] = await repository.forge.deliveries({ repo: repository.name, event: 'push' });
    await repository.forge.redeliver(sent?.id ?? 0);
    const delivery = await repository.delivered('the second look', ({ repeats }) => repeats === 1);
    expect(delivery.outcome).toBe('nothing to deploy');
    expect(await repository.history('loan-service')).toHaveLength(1);
  });

  it('that arrive out of order deploy the newest head and nothing after it', async () => {
    const repository = await loanService('github');
    await repository.forge.setFaults('github', { reorder: 3 }, repository.name);
    const commits = [];
    for (const number of [1, 2, 3]) commits.push(await repository.push(version(number, 'v1')));
    const [first = '', second = '', third = ''] = commits;
    await repository.reported(third, 'success');
    for (const commit of [first, second]) {
      const delivery = await repository.delivered('the push', (one) => one.commit === commit);
      expect(delivery.state).toBe('done');
      expect(await successorOf(repository, commit, 'slipway/production')).toBe(third.slice(0, 12));
    }
    const history = await repository.history('loan-service');
    expect(history).toMatchObject([{ commit: third, state: 'succeeded' }]);
  });
});

describe('a webhook that is lost', () => {
  it('is made up for by the poll, which records how it found the push', async () => {
    const polling = await testSlipway('github', { pollInterval: '1s' });
    try {
      await polling.start('run');
      const repository = await testRepository(polling, (namespace) => ({
        'slipway.yaml': slipwayYaml({ production: { branch: 'main', cluster: 'prod', namespace } }),
        ...version(0, 'v1'),
      }));
      const announced = await repository.push({ 'README.md': 'announced' });
      await repository.reported(announced, 'success');
      await repository.forge.setFaults('github', { lose: 1 }, repository.name);
      const lost = await repository.push(version(1, 'v1'));
      await repository.reported(lost, 'success');
      const delivery = await repository.delivered('the finding', (one) => one.commit === lost);
      expect(delivery).toMatchObject({
        kind: 'poll',
        event: 'poll: no webhook announced this head',
        ref: 'refs/heads/main',
        outcome: '1 of 1 targets moved',
      });
      expect((await repository.history('loan-service'))[0]?.cause.kind).toBe('poll');
      expect(errorsIn(polling)).toEqual([]);
    } finally {
      await polling.stop();
    }
  });
});
