import { expect, it } from 'vitest';
import { reasonOfChange, shown } from '../../support/failures.ts';
import { configMap, deployment } from '../../support/loan-service.ts';
import { planNow } from '../../support/plan-now.ts';
import { type Handover, handover, orders, workerIn } from './handover-setup.ts';
import { neverAborts } from './move-setup.ts';

/** Nothing was made anew, and all of it is now in the set of this app. */
async function expectIn(loans: Handover, app: string): Promise<void> {
  expect(await loans.uids()).toEqual(loans.before);
  expect(await loans.owners()).toEqual([app, app, app]);
}

it.each(orders)('objects that one commit moves to another app keep their uids: %s', async (_name, run) => {
  const loans = await handover();
  await loans.put('jobs');
  await run(loans);
  await expectIn(loans, 'jobs');
  expect(await loans.newest('jobs')).toMatchObject({
    state: 'succeeded',
    summary: '3 configured, 1 unchanged',
  });
  expect(await loans.newest('shop')).toMatchObject({ state: 'succeeded' });

  await loans.put('shop');
  await run(loans);
  await expectIn(loans, 'shop');
});

it('a release says for which app it leaves objects, and which file has them now', async () => {
  const loans = await handover();
  await loans.put('jobs');
  await loans.deploy('shop');
  const last = await loans.newest('shop');
  expect(shown(last)).toMatchObject({
    state: 'succeeded',
    reason: expect.stringMatching(/^left for jobs \((\w+ \w+(, )?){3}\)$/),
    hint: expect.stringMatching(/^jobs takes over what it renders with its next release that succeeds/),
  });
  const { changeSet } = (await loans.composition.releases.find(last?.id ?? '')) ?? {};
  const reasons = changeSet?.changes.flatMap((change) => (change.notice ? [reasonOfChange(change)] : []));
  expect(new Set(reasons)).toEqual(new Set([1, 14, 37].map(leftAt)));
});

const leftAt = (line: number) => `left for jobs, which renders it from apps/jobs/worker.yaml:${line}`;

it('the next commit deletes left objects that no app renders any more', async () => {
  const loans = await handover();
  await loans.put('jobs');
  await loans.deploy('shop');
  await loans.put('nobody');
  await loans.deploy('jobs');
  await loans.deploy('shop');
  expect(await loans.uids()).toEqual([]);
});

it('left objects go back if the next commit supersedes the app that was to take them over', async () => {
  const loans = await handover();
  await loans.put('jobs');
  await loans.deploy('shop');
  await loans.put('shop');
  await loans.deploy('jobs');
  await loans.deploy('shop');
  await expectIn(loans, 'shop');
  expect(await loans.newest('shop')).toMatchObject({ state: 'succeeded' });
});

it('objects go back if the app that took them over is superseded while it waits for health', async () => {
  const loans = await handover();
  await loans.put('jobs', { 'apps/jobs/slow.yaml': deployment({ name: 'slow', image: 'a:held' }) });
  const taking = loans.deploy('jobs');
  await expect.poll(loans.owners).toEqual(['jobs', 'jobs', 'jobs']);
  await loans.put('shop', { 'apps/jobs/slow.yaml': null });
  await taking;
  expect(await loans.newest('jobs')).toMatchObject({ state: 'superseded' });
  await loans.deploy('shop');
  await loans.deploy('jobs');
  await expectIn(loans, 'shop');
});

const invalid = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: wrong }\ndata: [wrong]\n';

it.each(orders)('objects survive a mistake in the app that gains them: %s', async (_name, run) => {
  for (const mistake of [invalid, 'kind: [']) {
    const loans = await handover();
    await loans.put('jobs', { 'apps/jobs/mistake.yaml': mistake });
    await run(loans);
    expect(await loans.newest('jobs')).toMatchObject({ state: 'failed' });
    expect(await loans.newest('shop')).toMatchObject({ state: 'succeeded' });
    expect(await loans.uids()).toEqual(loans.before);

    await loans.put('jobs', { 'apps/jobs/mistake.yaml': null });
    await run(loans);
    await expectIn(loans, 'jobs');
    expect(await loans.newest('jobs')).toMatchObject({ state: 'succeeded' });
  }
});

it.each(orders)('objects survive a mistake in the app that loses them: %s', async (_name, run) => {
  for (const mistake of [invalid, 'kind: [']) {
    const loans = await handover();
    await loans.put('jobs', { 'apps/shop/mistake.yaml': mistake });
    await run(loans);
    expect(await loans.newest('shop')).toMatchObject({ state: 'failed' });
    expect(await loans.uids()).toEqual(loans.before);

    await loans.put('jobs', { 'apps/shop/mistake.yaml': null });
    await run(loans);
    await expectIn(loans, 'jobs');
    expect(await loans.newest('jobs')).toMatchObject({ state: 'succeeded' });
  }
});

it('an app that gains objects says which app has to be corrected before they can move', async () => {
  const loans = await handover();
  await loans.put('jobs', { 'apps/shop/mistake.yaml': 'kind: [' });
  await loans.deploy('jobs');
  expect(shown(await loans.newest('jobs'))).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining('it belongs to target'),
    hint: expect.stringMatching(/^Correct shop@production of .* first: its files cannot be rendered/),
  });
});

it('an app whose files have been wrong for long does not stop the prunes of others', async () => {
  const loans = await handover();
  await loans.put('shop', { 'apps/jobs/mistake.yaml': 'kind: [' });
  await loans.deploy('jobs');
  await loans.put('shop', { 'apps/shop/own.yaml': configMap('shop', { v: '2' }) });
  await loans.deploy('shop');
  await loans.put('nobody', { 'README.md': 'confirmed' });
  await loans.deploy('jobs');
  await loans.deploy('shop');
  expect(await loans.newest('jobs')).toMatchObject({ state: 'failed' });
  expect(await loans.uids()).toEqual([]);
});

it('a person may confirm that objects are deleted which a broken app may have gained', async () => {
  const loans = await handover();
  await loans.put('nobody', { 'apps/jobs/mistake.yaml': 'kind: [' });
  await loans.deploy('shop');
  expect(shown(await loans.newest('shop'))).toMatchObject({
    reason: expect.stringContaining('left, because the files of jobs cannot be rendered and may have it now'),
    hint: expect.stringContaining('slipway deploy shop@production --confirm-prune'),
  });
  expect(await loans.uids()).toEqual(loans.before);
  const cause = { kind: 'manual', confirmPrune: true } as const;
  await loans.composition.desired.repeat(loans.repository.target('shop'), cause);
  await loans.deploy('shop');
  expect(await loans.uids()).toEqual([]);
});

it('a plan of a branch shows that an object moves, although the owner is deployed from the base branch', async () => {
  const loans = await handover();
  const { face, name } = loans.repository;
  await loans.repository.forge.createBranch(face, name, 'move');
  await loans.repository.push(workerIn('jobs'), 'move');
  const request = { target: loans.repository.target('jobs'), ref: 'move' };
  const { changeSet } = await planNow(loans.composition, request, neverAborts);
  const taken = changeSet.changes.filter(({ notice }) => notice?.kind === 'taken-over');
  expect(taken.map(({ action, ref }) => `${action} ${ref.kind}`).sort()).toEqual([
    'configured Deployment',
    'configured PersistentVolumeClaim',
    'configured Secret',
  ]);
});
