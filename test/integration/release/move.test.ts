import { expect, it } from 'vitest';
import { sweepOnce } from '../../../src/intake/sweep.ts';
import { deploy } from '../../../src/release/deploy.ts';
import { letGo } from '../../support/cluster.ts';
import { reasonOfRelease, shown } from '../../support/failures.ts';
import { configMap, deployment } from '../../support/loan-service.ts';
import { planNow } from '../../support/plan-now.ts';
import {
  app,
  confirmingMessage,
  crashingDuringApply,
  fixture,
  names,
  neverAborts,
  renamedApp,
} from './move-setup.ts';

it('a renamed app keeps its objects; the old target waits for the new one and is then removed', async () => {
  const loans = await renamedApp();
  await loans.deploy('old');
  expect(shown(await loans.newest('old'))).toMatchObject({
    state: 'blocked',
    reason: 'waits for next@production, which is in progress and may take over objects',
  });

  await loans.deploy('next');
  await loans.deploy('old');

  expect(await Promise.all(names.map(loans.uid))).toEqual(loans.uids);
  expect(shown(await loans.newest('old'))).toMatchObject({
    number: 2,
    state: 'succeeded',
    reason: 'moved to next@production',
  });
  const listed = (await loans.composition.queries.targets({}, 100)).targets.map(({ app: name }) => name);
  expect(listed).toEqual(['next']);
  const old = loans.repository.target('old');
  expect(await loans.composition.queries.resolve(old)).toBe(old);
  expect((await loans.composition.clusters.get('prod').targets()).map(({ target }) => target)).not.toContain(
    old,
  );
});

it('the end of the release of the new target enqueues the old target', async () => {
  const loans = await renamedApp();
  await loans.deploy('old');
  const enqueued: string[] = [];
  const wakeUps = {
    ...loans.ports.wakeUps,
    enqueueDeploys: async (wakeUps: { target: string }[]) =>
      void enqueued.push(...wakeUps.map(({ target }) => target)),
  };
  await loans.deploy('next', { ...loans.ports, wakeUps });
  expect(enqueued).toContain(loans.repository.target('old'));
  // Later releases of the new target do not enqueue the old one.
  const { redis, keys } = loans.composition;
  expect(await redis.smembers(keys.dependents(loans.repository.target('next')))).toEqual([]);
});

it('objects of a removed app of another project are not taken over', async () => {
  const loans = await renamedApp();
  const admission = { ...loans.ports.admission, isSameProject: () => false };
  await loans.deploy('next', { ...loans.ports, admission });
  expect(shown(await loans.newest('next'))).toMatchObject({
    state: 'failed',
    hint: expect.stringMatching(/^Remove it here or there/),
  });
  expect(await Promise.all(names.map(loans.uid))).toEqual(loans.uids);
});

it('a plan shows the takeover and records nothing', async () => {
  const loans = await renamedApp();
  const next = loans.repository.target('next');
  const { changeSet } = await planNow(loans.composition, { target: next }, neverAborts);
  expect(changeSet.changes.map(({ action }) => action)).toEqual(names.map(() => 'configured'));
  expect(await loans.composition.successors.of(loans.repository.target('old'))).toEqual([]);
});

it('a confirmed removal deletes nothing before the new target has taken its objects over', async () => {
  const loans = await renamedApp(confirmingMessage);
  await loans.deploy('old');
  expect(await Promise.all(names.map(loans.uid))).toEqual(loans.uids);
  await loans.deploy('next');
  await loans.deploy('old');
  expect(await Promise.all(names.map(loans.uid))).toEqual(loans.uids);
  expect(shown(await loans.newest('old'))).toMatchObject({ reason: 'moved to next@production' });
});

it('only the objects that the new target does not render are held', async () => {
  const loans = await renamedApp(undefined, ['a', 'b', 'c']);
  await loans.deploy('next');
  await loans.deploy('old');
  expect(shown(await loans.newest('old'))).toMatchObject({
    state: 'succeeded',
    held: true,
    reason:
      'no longer in slipway.yaml; prune held: 1 object would be deleted, confirm with slipway.dev/confirm-prune: old (ConfigMap d); the rest moved to next@production',
  });
  expect(await loans.uid('d')).toBe(loans.uids[3]);
});

it('a confirmed removal deletes only the objects that the new target does not render', async () => {
  const loans = await renamedApp(confirmingMessage, ['a', 'b', 'c']);
  await loans.deploy('next');
  await loans.deploy('old');
  expect(await Promise.all(names.map(loans.uid))).toEqual([...loans.uids.slice(0, 3), undefined]);
  const listed = (await loans.composition.queries.targets({}, 100)).targets.map(({ app: name }) => name);
  expect(listed).toEqual(['next']);
});

it('a confirmed removal deletes nothing if the release of the new target crashes during the takeover', async () => {
  const loans = await renamedApp(confirmingMessage);
  await expect(loans.deploy('next', crashingDuringApply(loans.ports))).rejects.toThrow('crashed');
  expect(new Set(await Promise.all(names.map(loans.setOf))).size).toBe(2);
  await loans.deploy('old');
  expect(await loans.newest('old')).toMatchObject({ state: 'blocked' });

  await loans.deploy('next');
  await loans.deploy('old');

  expect(await Promise.all(names.map(loans.uid))).toEqual(loans.uids);
  expect(shown(await loans.newest('old'))).toMatchObject({ reason: 'moved to next@production' });
});

it('the sweep enqueues the old target if a successor in another repository crashes before it does', async () => {
  const loans = await fixture();
  await loans.push(['old', 'other'], { ...app('old'), ...app('other', ['x']) });
  await loans.deploy('old');
  await loans.deploy('other');
  await loans.push(['other'], {});
  await loans.deploy('old');
  expect(await loans.newest('old')).toMatchObject({ held: true });
  const successor = await loans.anotherRepository(['next'], app('next'));
  const crash = () => Promise.reject(new Error('crashed'));
  const desired = { ...loans.ports.desired, again: crash };
  await expect(deploy(successor, { ...loans.ports, desired }, neverAborts)).rejects.toThrow('crashed');
  const wakeUps = { ...loans.ports.wakeUps, enqueueDeploys: crash };
  await expect(deploy(successor, { ...loans.ports, wakeUps }, neverAborts)).rejects.toThrow('crashed');

  const enqueued: string[] = [];
  const listening = {
    ...loans.composition.wakeUps,
    enqueueDeploys: async (wakeUps: { target: string }[]) =>
      void enqueued.push(...wakeUps.map(({ target }) => target)),
  };
  await sweepOnce({ ...loans.composition, wakeUps: listening });
  expect(enqueued).toEqual([loans.repository.target('old')]);
  await loans.deploy('old');
  expect(shown(await loans.newest('old'))).toMatchObject({ reason: `moved to ${successor}` });
});

it('a confirmed removal pauses if the new target fails, and its objects move after the fix', async () => {
  const loans = await fixture();
  await loans.push(['old'], app('old'));
  await loans.deploy('old');
  const uids = await Promise.all(names.map(loans.uid));
  const broken = `${app('next', ['a', 'b'])['apps/next/all.yaml']}---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: c }\ndata: [broken]\n`;
  await loans.push(['next'], { 'apps/old/all.yaml': null, 'apps/next/all.yaml': broken }, confirmingMessage);
  await loans.deploy('next');
  expect(await loans.newest('next')).toMatchObject({ state: 'failed' });

  await loans.deploy('old');
  expect(shown(await loans.newest('old'))).toMatchObject({
    held: true,
    reason: expect.stringContaining('prune paused: next@production failed'),
  });
  expect(await Promise.all(names.map(loans.uid))).toEqual(uids);

  await loans.push(['next'], app('next', ['a', 'b', 'c']));
  await loans.deploy('next');
  await loans.deploy('old');
  // `d` is in no file any more, and its removal was confirmed.
  expect(await Promise.all(names.map(loans.uid))).toEqual([...uids.slice(0, 3), undefined]);
});

it('a confirmed removal pauses if the new app has no folder', async () => {
  const loans = await fixture();
  await loans.push(['old'], app('old'));
  await loans.deploy('old');
  await loans.push(['next'], { 'apps/old/all.yaml': null }, confirmingMessage);
  await loans.deploy('old');
  expect(shown(await loans.newest('old'))).toMatchObject({
    held: true,
    reason: expect.stringContaining('next@production: slipway.yaml:8: folder apps/next does not exist'),
  });
  expect(await loans.uid('a')).toBeDefined();
});

it('a removal reads its objects from the API server, since watches may not show takeovers yet', async () => {
  const loans = await fixture();
  await loans.push(['old', 'other'], { ...app('old'), ...app('other', ['x']) });
  await loans.deploy('old');
  await loans.deploy('other');
  await loans.push(['other'], {});
  const trusted: unknown[] = [];
  const cluster = loans.ports.clusters.get('prod');
  const open: typeof cluster.open = (work, signal) => {
    trusted.push(work.last);
    return cluster.open(work, signal);
  };
  const clusters = { ...loans.ports.clusters, get: () => Object.create(cluster, { open: { value: open } }) };
  await loans.deploy('old', { ...loans.ports, clusters });
  expect(trusted).toEqual([undefined]);
});

it('an app that is renamed back takes its objects back', async () => {
  const loans = await renamedApp();
  await loans.deploy('next');
  await loans.deploy('old');
  await loans.push(['old'], { 'apps/next/all.yaml': null, ...app('old') });
  await loans.deploy('next');
  await loans.deploy('old');
  await loans.deploy('next');
  expect(await Promise.all(names.map(loans.uid))).toEqual(loans.uids);
  expect(shown(await loans.newest('next'))).toMatchObject({ reason: 'moved to old@production' });
  expect(await loans.newest('old')).toMatchObject({ state: 'succeeded', summary: '4 configured' });
  // Its record had an expiry after the removal; the new push removed the expiry.
  expect(
    await loans.composition.redis.ttl(loans.composition.keys.target(loans.repository.target('old'))),
  ).toBe(-1);
});

const bothFiles =
  /apps\/(one|two)\/all\.yaml.*: ConfigMap shared: it belongs to target .*, which renders it from apps\/(?!\1)(one|two)\/all\.yaml/;

it('the failure names both files if two apps of one commit render the same object on two machines', async () => {
  const loans = await fixture();
  await loans.push(['one', 'two'], { ...app('one', ['a', 'shared']), ...app('two', ['shared', 'b']) });
  await Promise.all([loans.deploy('one'), loans.deploy('two', loans.another)]);
  const ends = await Promise.all(['one', 'two'].map(loans.newest));
  const failed = ends.filter((end) => end?.state === 'failed');
  expect(failed).toHaveLength(1);
  expect(reasonOfRelease(failed[0])).toMatch(bothFiles);
});

it('the failure names both files while the first release of the owner is still open', async () => {
  const loans = await fixture();
  const held = deployment({ image: 'a:held' });
  await loans.push(['one', 'two'], {
    'apps/one/all.yaml': `${configMap('shared', {})}---\n${held}`,
    ...app('two', ['shared']),
  });
  const first = loans.deploy('one');
  await expect.poll(() => loans.uid('shared')).toBeDefined();
  await loans.deploy('two', loans.another);
  expect((await loans.newest('one'))?.endedAt).toBeUndefined();
  expect(reasonOfRelease(await loans.newest('two'))).toMatch(bothFiles);
  await letGo(loans.repository.namespace);
  await first;
});
