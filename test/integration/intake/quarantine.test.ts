import { expect, it, onTestFinished } from 'vitest';
import { SlipwayError } from '../../../src/errors.ts';
import { giveUp } from '../../../src/intake/give-up.ts';
import { startIntakeWorker } from '../../../workers/intake.ts';
import { app, appsYaml } from '../../support/apps.ts';
import { announce, compositionUnderTest, quietRepository } from '../../support/composition.ts';
import { eventually } from '../../support/slipway.ts';

it('does not look at a repository in quarantine for the poll, ends its deliveries, and looks for the next webhook', async () => {
  const { slipway, composition } = await compositionUnderTest();
  const repository = await quietRepository(slipway, (namespace) => ({
    'slipway.yaml': appsYaml(namespace),
    ...app('web', '1'),
  }));
  const head = (await slipway.forge.head('github', repository.name, 'main')) ?? '';
  const { suspects, deliveries, wakeUps } = composition;
  const job = { queue: 'intake', name: repository.id };
  await suspects.write({ ...job, deaths: 3, work: 'an earlier webhook', quarantined: true });
  const worker = startIntakeWorker(composition);
  onTestFinished(() => worker.stop(0));

  const found = 'github:poll-1';
  await announce(composition, repository, head, 'main', { id: found, kind: 'poll' });
  await wakeUps.enqueueIntake([repository.id]);
  const failed = await eventually('the end of what the poll found', async () => {
    const delivery = await deliveries.get(found);
    return delivery?.state === 'failed' && delivery;
  });
  expect(failed.outcome).toContain('3 worker processes died in a row');
  expect(await composition.repositories.read(repository.id)).toBeUndefined();

  const pushed = await announce(composition, repository, head);
  await wakeUps.enqueueIntake([repository.id]);
  await eventually('the look', async () => (await deliveries.get(pushed))?.state === 'done');
  await eventually('the end of the quarantine', async () => (await suspects.all()).length === 0);
});

it('is no verdict about a webhook that comes after it', async () => {
  const { slipway, composition } = await compositionUnderTest();
  const repository = await quietRepository(slipway, (namespace) => ({
    'slipway.yaml': appsYaml(namespace),
    ...app('web', '1'),
  }));
  const head = (await slipway.forge.head('github', repository.name, 'main')) ?? '';
  const [tried, found, newer] = ['github:tried', 'github:poll-1', 'github:newer'];
  await announce(composition, repository, head, 'main', { id: tried });
  await announce(composition, repository, head, 'main', { id: found, kind: 'poll' });
  await announce(composition, repository, head, 'main', { id: newer });
  const error = new SlipwayError('QUARANTINED', 'three died');

  await giveUp(repository.id, error, `${tried} 0`, composition);

  const stateOf = async (id: string) => (await composition.deliveries.get(id))?.state;
  expect(await Promise.all([tried, found, newer].map((id) => stateOf(id ?? '')))).toEqual([
    'failed',
    'failed',
    'waiting',
  ]);
});
