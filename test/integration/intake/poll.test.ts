import { describe, expect, it, onTestFinished } from 'vitest';
import type { Composition } from '../../../src/composition/composition.ts';
import { intake } from '../../../src/intake/intake.ts';
import { poll } from '../../../src/intake/poll.ts';
import type { IntakePorts } from '../../../src/intake/ports.ts';
import { deploy } from '../../../src/release/deploy.ts';
import { createLimiter } from '../../../src/release/limiter.ts';
import { app, appsYaml } from '../../support/apps.ts';
import { announce, compositionUnderTest, quietRepository } from '../../support/composition.ts';
import { pushAndLook, releasePorts } from '../../support/releases.ts';
import { eventually, type TestSlipway } from '../../support/slipway.ts';

const neverAborts = new AbortController().signal;

const loans = (slipway: TestSlipway) =>
  quietRepository(slipway, (namespace) => ({ 'slipway.yaml': appsYaml(namespace), ...app('web', '1') }));

/** Polls until the test ends; returns the repositories that it enqueued, in order. */
function polling(
  composition: Composition,
  options: { literal?: string[]; intervalMs?: number } = {},
): string[] {
  const enqueued: string[] = [];
  const enqueueIntake = async (repositories: string[]) => void enqueued.push(...repositories);
  const ports: IntakePorts = { ...composition, wakeUps: { ...composition.wakeUps, enqueueIntake } };
  const ending = new AbortController();
  const ended = poll(
    {
      literal: options.literal ?? [],
      createLane: () => createLimiter(16),
      clusters: ['prod'],
      intervalMs: options.intervalMs ?? 200,
      whyNotAllowed: () => undefined,
    },
    ports,
    ending.signal,
  );
  onTestFinished(async () => {
    ending.abort();
    await ended;
  });
  return enqueued;
}

const findings = async ({ deliveries }: Composition, repository: string) =>
  (await deliveries.list({ limit: 100, repository })).filter(({ kind }) => kind === 'poll');

describe('the poll', () => {
  it('looks at the repositories of server.yaml when it starts, so that a first deploy needs no push', async () => {
    const { slipway, composition } = await compositionUnderTest();
    const repository = await loans(slipway);
    const head = await slipway.forge.head('github', repository.name, 'main');
    const enqueued = polling(composition, { literal: [repository.id], intervalMs: 60_000 });
    await eventually('the wake-up', async () => enqueued.includes(repository.id));
    expect(await findings(composition, repository.id)).toMatchObject([
      { event: 'poll: first look at this repository', commit: head, state: 'waiting' },
    ]);
  });

  it('enqueues every repository when it starts, because rules may have changed', async () => {
    const { slipway, composition } = await compositionUnderTest();
    const repository = await loans(slipway);
    await intake(repository.id, composition, neverAborts);
    const enqueued = polling(composition, { literal: [repository.id] });
    await eventually('the wake-up', async () => enqueued.includes(repository.id));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(enqueued).toEqual([repository.id]);
    expect(await findings(composition, repository.id)).toEqual([]);
  });

  it('records a head that no webhook announced, once for all processes that find it', async () => {
    const { slipway, composition, anotherHost } = await compositionUnderTest();
    const repository = await loans(slipway);
    await intake(repository.id, composition, neverAborts);
    const wakeUps = [composition, anotherHost].map((host) => polling(host, { literal: [repository.id] }));
    await eventually('both at work', async () => wakeUps.every((enqueued) => enqueued.length > 0));
    const missed = await repository.push(app('web', '2'));
    await eventually('the finding', async () => (await findings(composition, repository.id)).length > 0);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await findings(composition, repository.id)).toMatchObject([
      { event: 'poll: no webhook announced this head', commit: missed, ref: 'refs/heads/main' },
    ]);
  });

  it('does not record a head again that an intake has looked at while the poll asked for heads', async () => {
    const { slipway, composition } = await compositionUnderTest();
    const repository = await loans(slipway);
    await intake(repository.id, composition, neverAborts);
    const before = await composition.repositories.read(repository.id);
    const looked = await repository.push(app('web', '2'));
    await announce(composition, repository, looked);
    await intake(repository.id, composition, neverAborts);
    let reads = 0;
    const read = async (id: string) => (reads++ === 0 ? before : composition.repositories.read(id));
    const repositories = { ...composition.repositories, read };
    const enqueued = polling(
      { ...composition, repositories },
      { literal: [repository.id], intervalMs: 60_000 },
    );
    await eventually('the first round', async () => enqueued.includes(repository.id));

    expect(await findings(composition, repository.id)).toEqual([]);
  });

  it('asks the clusters for repositories again after Redis was emptied', async () => {
    const { slipway, composition } = await compositionUnderTest();
    const enqueued = polling(composition);
    await eventually('the first round', async () => composition.redis.exists(composition.keys.polled));
    const repository = await loans(slipway);
    await pushAndLook(composition, repository, app('web', '2'));
    await deploy(repository.target('web'), await releasePorts(composition), neverAborts);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(enqueued).toEqual([]);

    const all = await composition.redis.keys(`${slipway.prefix}:*`);
    await composition.redis.del(...all);
    await eventually('the wake-up', async () => enqueued.includes(repository.id));
  });

  it('continues while the forge is down', async () => {
    const { slipway, composition } = await compositionUnderTest();
    const repository = await loans(slipway);
    await slipway.forge.setFaults('github', { gitDown: true }, repository.name);
    const enqueued = polling(composition, { literal: [repository.id] });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(enqueued).toEqual([]);
    await slipway.forge.clearFaults('github', repository.name);
    await eventually('the wake-up', async () => enqueued.includes(repository.id));
  });

  it('enqueues the intake for a missed head whose delivery waits already', async () => {
    const { slipway, composition } = await compositionUnderTest();
    const repository = await loans(slipway);
    await intake(repository.id, composition, neverAborts);
    const missed = await repository.push(app('web', '2'));
    await announce(composition, repository, missed);
    const enqueued = polling(composition, { literal: [repository.id], intervalMs: 60_000 });
    await eventually('the wake-up', async () => enqueued.includes(repository.id));
    expect(await findings(composition, repository.id)).toEqual([]);
  });

  it('notices another default branch although no head has moved', async () => {
    const { slipway, composition } = await compositionUnderTest();
    const repository = await quietRepository(slipway, (namespace) => ({
      'slipway.yaml': appsYaml(namespace, { production: 'main', staging: 'trunk' }),
      ...app('web', '1'),
    }));
    await repository.push(app('web', '2'), 'trunk');
    await intake(repository.id, composition, neverAborts);
    const enqueued = polling(composition, { literal: [repository.id] });
    await eventually('the look at the start', async () => enqueued.length > 0);
    await slipway.forge.switchDefaultBranch('github', repository.name, 'trunk');
    await eventually('the wake-up', async () => enqueued.length > 1);
  });
});
