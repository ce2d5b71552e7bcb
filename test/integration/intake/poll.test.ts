import { describe, expect, it, onTestFinished } from 'vitest';
import { intake } from '../../../src/intake/intake.ts';
import { poll } from '../../../src/intake/poll.ts';
import type { IntakePorts } from '../../../src/intake/ports.ts';
import type { Parts } from '../../../src/parts/parts.ts';
import { deploy } from '../../../src/release/deploy.ts';
import { app, appsYaml } from '../../support/apps.ts';
import { partsUnderTest, quietRepository } from '../../support/parts.ts';
import { pushAndLook, releasePorts } from '../../support/releases.ts';
import { eventually, type TestSlipway } from '../../support/slipway.ts';

const never = new AbortController().signal;

const loans = (slipway: TestSlipway) =>
  quietRepository(slipway, (namespace) => ({ 'slipway.yaml': appsYaml(namespace), ...app('web', '1') }));

/** Polls until the test ends; answers the repositories whose bells it rang, in order. */
function polling(parts: Parts, options: { literal?: string[]; intervalMs?: number } = {}): string[] {
  const rung: string[] = [];
  const ringIntake = async (repositories: string[]) => void rung.push(...repositories);
  const ports: IntakePorts = { ...parts, bells: { ...parts.bells, ringIntake } };
  const ending = new AbortController();
  const ended = poll(
    {
      literal: options.literal ?? [],
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
  return rung;
}

const findings = async ({ deliveries }: Parts, repository: string) =>
  (await deliveries.list({ limit: 100, repository })).filter(({ kind }) => kind === 'poll');

describe('the poll', () => {
  it('looks at its start at what server.yaml names: a first deploy needs no push', async () => {
    const { slipway, parts } = await partsUnderTest();
    const repository = await loans(slipway);
    const head = await slipway.forge.head('github', repository.name, 'main');
    const rung = polling(parts, { literal: [repository.id], intervalMs: 60_000 });
    await eventually('the bell', async () => rung.includes(repository.id));
    expect(await findings(parts, repository.id)).toMatchObject([
      { event: 'poll: first look at this repository', commit: head, state: 'waiting' },
    ]);
  });

  it('rings at its start also where no head has moved: rules may have', async () => {
    const { slipway, parts } = await partsUnderTest();
    const repository = await loans(slipway);
    await intake(repository.id, parts, never);
    const rung = polling(parts, { literal: [repository.id] });
    await eventually('the bell', async () => rung.includes(repository.id));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(rung).toEqual([repository.id]);
    expect(await findings(parts, repository.id)).toEqual([]);
  });

  it('says of a head that no webhook told of that it is one, once for all who find it', async () => {
    const { slipway, parts, anotherHost } = await partsUnderTest();
    const repository = await loans(slipway);
    await intake(repository.id, parts, never);
    const rings = [parts, anotherHost].map((host) => polling(host, { literal: [repository.id] }));
    await eventually('both at work', async () => rings.every((rung) => rung.length > 0));
    const missed = await repository.push(app('web', '2'));
    await eventually('the finding', async () => (await findings(parts, repository.id)).length > 0);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await findings(parts, repository.id)).toMatchObject([
      { event: 'poll: no webhook told of this head', commit: missed, ref: 'refs/heads/main' },
    ]);
  });

  it('asks the clusters again what there is once Redis was emptied', async () => {
    const { slipway, parts } = await partsUnderTest();
    const rung = polling(parts);
    await eventually('the first round', async () => parts.redis.exists(parts.keys.polled));
    const repository = await loans(slipway);
    await pushAndLook(parts, repository, app('web', '2'));
    await deploy(repository.target('web'), await releasePorts(parts), never);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(rung).toEqual([]);

    const all = await parts.redis.keys(`${slipway.prefix}:*`);
    await parts.redis.del(...all);
    await eventually('the bell', async () => rung.includes(repository.id));
  });

  it('goes on while the forge is away', async () => {
    const { slipway, parts } = await partsUnderTest();
    const repository = await loans(slipway);
    await slipway.forge.setFaults('github', { gitDown: true }, repository.name);
    const rung = polling(parts, { literal: [repository.id] });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(rung).toEqual([]);
    await slipway.forge.clearFaults('github', repository.name);
    await eventually('the bell', async () => rung.includes(repository.id));
  });
});
