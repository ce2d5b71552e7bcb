import { expect, it } from 'vitest';
import { sweepOnce } from '../../../src/intake/sweep.ts';
import { deploy } from '../../../src/release/deploy.ts';
import { letGo } from '../../support/cluster.ts';
import { reasonOfRelease, shown } from '../../support/failures.ts';
import { configMap, deployment } from '../../support/loan-service.ts';
import { planNow } from '../../support/plan-now.ts';
import { app, confirming, dyingHalfWay, fixture, names, never, renamed } from './move-setup.ts';

it('a renamed app keeps its objects; the old name waits, then is no more', async () => {
  const loans = await renamed();
  await loans.deploy('old');
  expect(shown(await loans.newest('old'))).toMatchObject({
    state: 'blocked',
    reason: 'waits for next@production, which is on its way and may take over objects',
  });

  await loans.deploy('next');
  await loans.deploy('old');

  expect(await Promise.all(names.map(loans.uid))).toEqual(loans.uids);
  expect(shown(await loans.newest('old'))).toMatchObject({
    number: 2,
    state: 'succeeded',
    reason: 'moved to next@production',
  });
  const listed = (await loans.composition.queries.targets()).map(({ app: name }) => name);
  expect(listed).toEqual(['next']);
  const old = loans.repository.target('old');
  expect(await loans.composition.queries.resolve(old)).toBe(old);
  expect((await loans.composition.clusters.get('prod').targets()).map(({ target }) => target)).not.toContain(
    old,
  );
});

it('the end of what it waits for rings the bell of the old name', async () => {
  const loans = await renamed();
  await loans.deploy('old');
  const enqueued: string[] = [];
  const wakeUps = {
    ...loans.ports.wakeUps,
    enqueueDeploys: async (wakeUps: { target: string }[]) =>
      void enqueued.push(...wakeUps.map(({ target }) => target)),
  };
  await loans.deploy('next', { ...loans.ports, wakeUps });
  expect(enqueued).toContain(loans.repository.target('old'));
  // Later ends of the new name are none of its business.
  const { redis, keys } = loans.composition;
  expect(await redis.smembers(keys.dependents(loans.repository.target('next')))).toEqual([]);
});

it('an app of another project is not taken over, whatever has become of it', async () => {
  const loans = await renamed();
  const admission = { ...loans.ports.admission, isSameProject: () => false };
  await loans.deploy('next', { ...loans.ports, admission });
  expect(shown(await loans.newest('next'))).toMatchObject({
    state: 'failed',
    hint: expect.stringMatching(/^Remove it here or there/),
  });
  expect(await Promise.all(names.map(loans.uid))).toEqual(loans.uids);
});

it('a plan shows the move and leaves no trace of it', async () => {
  const loans = await renamed();
  const next = loans.repository.target('next');
  const { changeSet } = await planNow(loans.composition, { target: next }, never);
  expect(changeSet.changes.map(({ action }) => action)).toEqual(names.map(() => 'configured'));
  expect(await loans.composition.successors.of(loans.repository.target('old'))).toEqual([]);
});

it('a confirmed removal deletes nothing that the new name has not taken over yet', async () => {
  const loans = await renamed(confirming);
  await loans.deploy('old');
  expect(await Promise.all(names.map(loans.uid))).toEqual(loans.uids);
  await loans.deploy('next');
  await loans.deploy('old');
  expect(await Promise.all(names.map(loans.uid))).toEqual(loans.uids);
  expect(shown(await loans.newest('old'))).toMatchObject({ reason: 'moved to next@production' });
});

it('of what the new name does not render, only that is held', async () => {
  const loans = await renamed(undefined, ['a', 'b', 'c']);
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

it('of what the new name does not render, a confirmed removal deletes that alone', async () => {
  const loans = await renamed(confirming, ['a', 'b', 'c']);
  await loans.deploy('next');
  await loans.deploy('old');
  expect(await Promise.all(names.map(loans.uid))).toEqual([...loans.uids.slice(0, 3), undefined]);
  const listed = (await loans.composition.queries.targets()).map(({ app: name }) => name);
  expect(listed).toEqual(['next']);
});

it('whose new name dies half-way loses nothing, also where its removal is confirmed', async () => {
  const loans = await renamed(confirming);
  await expect(loans.deploy('next', dyingHalfWay(loans.ports))).rejects.toThrow('killed');
  expect(new Set(await Promise.all(names.map(loans.setOf))).size).toBe(2);
  await loans.deploy('old');
  expect(await loans.newest('old')).toMatchObject({ state: 'blocked' });

  await loans.deploy('next');
  await loans.deploy('old');

  expect(await Promise.all(names.map(loans.uid))).toEqual(loans.uids);
  expect(shown(await loans.newest('old'))).toMatchObject({ reason: 'moved to next@production' });
});

it('whose heir in another repository dies before it tells and rings is found by the sweep', async () => {
  const loans = await fixture();
  await loans.push(['old', 'other'], { ...app('old'), ...app('other', ['x']) });
  await loans.deploy('old');
  await loans.deploy('other');
  await loans.push(['other'], {});
  await loans.deploy('old');
  expect(await loans.newest('old')).toMatchObject({ held: true });
  const successor = await loans.anotherRepository(['next'], app('next'));
  const dead = () => Promise.reject(new Error('killed'));
  const desired = { ...loans.ports.desired, again: dead };
  await expect(deploy(successor, { ...loans.ports, desired }, never)).rejects.toThrow('killed');
  const wakeUps = { ...loans.ports.wakeUps, enqueueDeploys: dead };
  await expect(deploy(successor, { ...loans.ports, wakeUps }, never)).rejects.toThrow('killed');

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

it('whose new name fails is not deleted although confirmed, and moves with the fix', async () => {
  const loans = await fixture();
  await loans.push(['old'], app('old'));
  await loans.deploy('old');
  const uids = await Promise.all(names.map(loans.uid));
  const broken = `${app('next', ['a', 'b'])['apps/next/all.yaml']}---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: c }\ndata: [broken]\n`;
  await loans.push(['next'], { 'apps/old/all.yaml': null, 'apps/next/all.yaml': broken }, confirming);
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

it('whose new name cannot even be deployed is not deleted although confirmed', async () => {
  const loans = await fixture();
  await loans.push(['old'], app('old'));
  await loans.deploy('old');
  await loans.push(['next'], { 'apps/old/all.yaml': null }, confirming);
  await loans.deploy('old');
  expect(shown(await loans.newest('old'))).toMatchObject({
    held: true,
    reason: expect.stringContaining('next@production: folder apps/next does not exist'),
  });
  expect(await loans.uid('a')).toBeDefined();
});

it('that is to go has its objects asked for, since what this process has watched may not show yet who took them', async () => {
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

it('that is renamed back takes its objects back', async () => {
  const loans = await renamed();
  await loans.deploy('next');
  await loans.deploy('old');
  await loans.push(['old'], { 'apps/next/all.yaml': null, ...app('old') });
  await loans.deploy('next');
  await loans.deploy('old');
  await loans.deploy('next');
  expect(await Promise.all(names.map(loans.uid))).toEqual(loans.uids);
  expect(shown(await loans.newest('next'))).toMatchObject({ reason: 'moved to old@production' });
  expect(await loans.newest('old')).toMatchObject({ state: 'succeeded', summary: '4 configured' });
  // It was no more for a moment, and is here to stay again.
  expect(
    await loans.composition.redis.ttl(loans.composition.keys.target(loans.repository.target('old'))),
  ).toBe(-1);
});

const bothFiles =
  /apps\/(one|two)\/all\.yaml.*: ConfigMap shared: it belongs to target .*, which renders it from apps\/(?!\1)(one|two)\/all\.yaml/;

it('two apps of one commit that render the same object name both files, on two machines at once', async () => {
  const loans = await fixture();
  await loans.push(['one', 'two'], { ...app('one', ['a', 'shared']), ...app('two', ['shared', 'b']) });
  await Promise.all([loans.deploy('one'), loans.deploy('two', loans.another)]);
  const ends = await Promise.all(['one', 'two'].map(loans.newest));
  const failed = ends.filter((end) => end?.state === 'failed');
  expect(failed).toHaveLength(1);
  expect(reasonOfRelease(failed[0])).toMatch(bothFiles);
});

it('so it does while the first release of the other one is still on its way', async () => {
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
