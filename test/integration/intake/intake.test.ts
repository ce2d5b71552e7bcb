import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Composition } from '../../../src/composition/composition.ts';
import { intake } from '../../../src/intake/intake.ts';
import type { Mirror, Mirrors } from '../../../src/ports/git.ts';
import { app, appsYaml } from '../../support/apps.ts';
import { announce, compositionUnderTest, quietRepository } from '../../support/composition.ts';
import type { TestRepository } from '../../support/repository.ts';
import type { TestSlipway } from '../../support/slipway.ts';

const neverAborts = new AbortController().signal;

/** The parts with this change to what the mirror of every repository does. */
function withMirror(composition: Composition, change: (mirror: Mirror) => Partial<Mirror>): Composition {
  const mirrors: Mirrors = {
    close: () => composition.mirrors.close(),
    open(repository) {
      const mirror = composition.mirrors.open(repository);
      const methods: Mirror = {
        heads: (signal) => mirror.heads(signal),
        fetch: (branches, signal) => mirror.fetch(branches, signal),
        has: (commit) => mirror.has(commit),
        ensure: (commit, signal) => mirror.ensure(commit, signal),
        tree: (commit) => mirror.tree(commit),
        since: (commit, known, most) => mirror.since(commit, known, most),
        messages: (commit, since) => mirror.messages(commit, since),
        isAncestor: (ancestor, commit) => mirror.isAncestor(ancestor, commit),
      };
      return { ...methods, ...change(mirror) };
    },
  };
  return { ...composition, mirrors };
}

function loans(slipway: TestSlipway): Promise<TestRepository> {
  return quietRepository(slipway, (namespace) => ({
    'slipway.yaml': appsYaml(namespace),
    ...app('web', '1'),
  }));
}

const desiredOf = async ({ releases }: Composition, repository: TestRepository) =>
  (await releases.record(repository.target('web')))?.desired;

const linesOf = async ({ reports }: Composition, repository: TestRepository, commit: string) =>
  (await reports.read({ repository: repository.id, commit, scope: 'production' })).lines;

describe('an intake that stalls after its fetch', () => {
  it('cannot restore an old head or old knowledge of the repository', async () => {
    const { slipway, composition } = await compositionUnderTest();
    const repository = await loans(slipway);
    const old = await repository.push(app('web', '2'));
    const stalled = Promise.withResolvers<void>();
    const fetched = Promise.withResolvers<void>();
    const slow = withMirror(composition, (mirror) => ({
      async fetch(branches, signal) {
        const heads = await mirror.fetch(branches, signal);
        fetched.resolve();
        await stalled.promise;
        return heads;
      },
    }));
    const late = intake(repository.id, slow, neverAborts);
    await fetched.promise;
    const next = await repository.push(app('web', '3'));
    expect(await intake(repository.id, composition, neverAborts)).toEqual({ result: 'moved', targets: 1 });

    stalled.resolve();
    expect(await late).toEqual({ result: 'late', targets: 0 });
    expect((await desiredOf(composition, repository))?.commit).toBe(next);
    expect((await composition.repositories.read(repository.id))?.heads).toEqual({ main: next });
    expect(await linesOf(composition, repository, old)).toEqual([]);
  });

  it('after writing desired revisions keeps what a later intake has learned of the repository', async () => {
    const { slipway, composition } = await compositionUnderTest();
    const repository = await loans(slipway);
    const stalled = Promise.withResolvers<void>();
    const written = Promise.withResolvers<void>();
    const wakeUps = {
      ...composition.wakeUps,
      async enqueueDeploys() {
        written.resolve();
        await stalled.promise;
      },
    };
    const late = intake(repository.id, { ...composition, wakeUps }, neverAborts);
    await written.promise;
    const next = await repository.push(app('web', '2'));
    await intake(repository.id, composition, neverAborts);
    stalled.resolve();
    await late;
    expect((await composition.repositories.read(repository.id))?.heads).toEqual({ main: next });
  });

  it('and began before Redis was emptied does not block later ones', async () => {
    const { slipway, composition } = await compositionUnderTest();
    const repository = await loans(slipway);
    const stalled = Promise.withResolvers<void>();
    const fetched = Promise.withResolvers<void>();
    const slow = withMirror(composition, (mirror) => ({
      async fetch(branches, signal) {
        const heads = await mirror.fetch(branches, signal);
        fetched.resolve();
        await stalled.promise;
        return heads;
      },
    }));
    for (let before = 0; before < 5; before += 1) await composition.desired.nextSequence(repository.id);
    const late = intake(repository.id, slow, neverAborts);
    await fetched.promise;
    await composition.redis.del(composition.keys.repository(repository.id));
    stalled.resolve();
    await late;
    const next = await repository.push(app('web', '2'));
    expect(await intake(repository.id, composition, neverAborts)).toEqual({ result: 'moved', targets: 1 });
    expect((await desiredOf(composition, repository))?.commit).toBe(next);
  });
});

describe('an intake', () => {
  it('that crashes before it has reported leaves its reports to the next one', async () => {
    const { slipway, composition } = await compositionUnderTest();
    const repository = await loans(slipway);
    const first = await repository.push(app('web', '2'));
    await intake(repository.id, composition, neverAborts);
    const second = await repository.push(app('web', '3'));
    const id = await announce(composition, repository, second);
    const wakeUps = { ...composition.wakeUps, enqueueDeploys: () => Promise.reject(new Error('killed')) };
    await expect(intake(repository.id, { ...composition, wakeUps }, neverAborts)).rejects.toThrow('killed');
    expect(await linesOf(composition, repository, first)).toMatchObject([
      { state: 'superseded', supersededBy: second },
    ]);

    expect(await intake(repository.id, composition, neverAborts)).toEqual({ result: 'moved', targets: 1 });
    expect(await linesOf(composition, repository, second)).toMatchObject([{ state: 'queued' }]);
    expect(await composition.deliveries.get(id)).toMatchObject({
      state: 'done',
      outcome: '1 of 1 targets moved',
      targets: [repository.target('web')],
    });
  });

  it('delays a pending status, so that a release that ends at once overtakes it', async () => {
    const { slipway, composition } = await compositionUnderTest();
    const repository = await loans(slipway);
    const commit = await repository.push(app('web', '2'));
    const enqueued: { commits: string[]; delayMs: number | undefined }[] = [];
    const wakeUps: Composition['wakeUps'] = {
      ...composition.wakeUps,
      async enqueueReports(reports, delayMs) {
        enqueued.push({ commits: reports.map((report) => report.commit), delayMs });
      },
    };
    await intake(repository.id, { ...composition, wakeUps }, neverAborts);
    expect(enqueued).toEqual([{ commits: [commit], delayMs: 2_000 }]);
  });

  it('writes the heads before it ends their deliveries, so that the poll misses none of them', async () => {
    const { slipway, composition } = await compositionUnderTest();
    const repository = await loans(slipway);
    const commit = await repository.push(app('web', '2'));
    await announce(composition, repository, commit);
    const seen: (string | undefined)[] = [];
    const deliveries: Composition['deliveries'] = {
      ...composition.deliveries,
      async end(ids, ending) {
        seen.push((await composition.repositories.read(repository.id))?.heads.main);
        await composition.deliveries.end(ids, ending);
      },
    };

    await intake(repository.id, { ...composition, deliveries }, neverAborts);

    expect(seen).toEqual([commit]);
  });

  it.each([
    ['', 0],
    [', although its clock is ahead of the server', 600_000],
  ])(
    'does not mistake a head that Git does not show yet for one that a force push replaced%s',
    async (_name, ms) => {
      const { slipway, composition } = await compositionUnderTest();
      const repository = await loans(slipway);
      const shown = await repository.push(app('web', '2'));
      const announced = await repository.push(app('web', '3'));
      const id = await announce(composition, repository, announced);
      const behind = withMirror(composition, (mirror) => ({
        async fetch(branches, signal) {
          await mirror.fetch(branches, signal);
          return { heads: new Map([['main', shown]]), defaultBranch: 'main' };
        },
      }));
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
      onTestFinished(() => void vi.useRealTimers());
      await expect(intake(repository.id, behind, neverAborts)).rejects.toMatchObject({
        code: 'GIT_UNREACHABLE',
      });
      expect(await linesOf(composition, repository, announced)).toEqual([]);
      expect(await composition.deliveries.get(id)).toMatchObject({ state: 'waiting' });

      await intake(repository.id, composition, neverAborts);
      expect((await desiredOf(composition, repository))?.commit).toBe(announced);
      expect(await composition.deliveries.get(id)).toMatchObject({ state: 'done' });
    },
  );

  it('reports on a head that was replaced before the intake what superseded it', async () => {
    const { slipway, composition } = await compositionUnderTest();
    const repository = await loans(slipway);
    const replaced = await repository.push(app('web', '2'));
    const head = await repository.push(app('web', '3'));
    const ids = [
      await announce(composition, repository, replaced),
      await announce(composition, repository, head),
    ];
    await intake(repository.id, composition, neverAborts);
    expect(await linesOf(composition, repository, replaced)).toEqual([
      { state: 'superseded', supersededBy: head },
    ]);
    for (const id of ids) expect(await composition.deliveries.get(id)).toMatchObject({ state: 'done' });

    // A force push makes it the head again: then it gets a report of its own.
    await slipway.forge.resetBranch('github', repository.name, 'main', replaced);
    await intake(repository.id, composition, neverAborts);
    expect(await linesOf(composition, repository, replaced)).toEqual([
      { target: repository.target('web'), state: 'queued' },
    ]);
  });

  it('tells a commit at once that its environment was removed while it waited', async () => {
    const { slipway, composition } = await compositionUnderTest();
    const repository = await quietRepository(slipway, (namespace) => ({
      'slipway.yaml': appsYaml(namespace, { production: 'main', trial: 'main' }),
      ...app('web', '1'),
    }));
    const waiting = await repository.push(app('web', '2'));
    await intake(repository.id, composition, neverAborts);
    const head = await repository.push({ 'slipway.yaml': appsYaml(repository.namespace) });
    const enqueueReports = vi.fn(composition.wakeUps.enqueueReports);
    await intake(
      repository.id,
      { ...composition, wakeUps: { ...composition.wakeUps, enqueueReports } },
      neverAborts,
    );
    const enqueued = enqueueReports.mock.calls.flatMap(([keys]) => keys);
    for (const commit of [waiting, head]) {
      expect(enqueued).toContainEqual({ repository: repository.id, commit, scope: 'trial' });
    }
  });

  it('gives no word on a commit that is not in the history of the branch that a webhook names', async () => {
    const { slipway, composition } = await compositionUnderTest();
    const repository = await loans(slipway);
    const elsewhere = await repository.push(app('web', '9'), 'feature');
    const head = await repository.push(app('web', '2'));
    const ids = [
      await announce(composition, repository, elsewhere),
      await announce(composition, repository, 'd'.repeat(40)),
      await announce(composition, repository, head),
    ];
    await intake(repository.id, composition, neverAborts);
    for (const commit of [elsewhere, 'd'.repeat(40)]) {
      expect(await linesOf(composition, repository, commit)).toEqual([]);
    }
    const unsent = await composition.reports.unsent(0);
    expect(new Set(unsent.map(({ commit }) => commit))).toEqual(new Set([head]));
    for (const id of ids) expect(await composition.deliveries.get(id)).toMatchObject({ state: 'done' });
  });

  it('ends deliveries with the reason if the forge refuses the repository', async () => {
    const { slipway, composition } = await compositionUnderTest();
    const repository = await loans(slipway);
    const id = await announce(composition, repository, 'c'.repeat(40));
    const gone = `${repository.id}-gone`;
    const refused = withMirror(composition, () => {
      const mirror = composition.mirrors.open(gone);
      return { fetch: (branches) => mirror.fetch(branches), heads: () => mirror.heads() };
    });
    expect(await intake(repository.id, refused, neverAborts)).toEqual({ result: 'failed', targets: 0 });
    expect(await composition.deliveries.get(id)).toMatchObject({
      state: 'failed',
      outcome: expect.stringContaining(gone),
    });
  });

  it('keeps deliveries waiting while the forge is down', async () => {
    const { slipway, composition } = await compositionUnderTest();
    const repository = await loans(slipway);
    const id = await announce(composition, repository, await repository.push(app('web', '2')));
    await slipway.forge.setFaults('github', { gitDown: true }, repository.name);
    await expect(intake(repository.id, composition, neverAborts)).rejects.toMatchObject({
      code: 'GIT_UNREACHABLE',
    });
    expect(await composition.deliveries.get(id)).toMatchObject({ state: 'waiting' });
    await slipway.forge.clearFaults('github', repository.name);
    expect(await intake(repository.id, composition, neverAborts)).toMatchObject({ result: 'moved' });
  });
});

describe('a default branch that was switched at the forge', () => {
  it.each(['over kept connections', 'by git alone'])('is noticed at the next look, %s', async (how) => {
    const { slipway, composition, anotherHost } = await compositionUnderTest();
    const repository = await loans(slipway);
    await intake(repository.id, composition, neverAborts);
    // The forge's connections are kept only by a host that has fetched before.
    const host = how === 'by git alone' ? anotherHost : composition;
    const moved = appsYaml(`${repository.namespace}-moved`, { production: 'trunk' });
    const trunk = await repository.push({ 'slipway.yaml': moved }, 'trunk');
    await slipway.forge.switchDefaultBranch('github', repository.name, 'trunk');
    await repository.push(app('web', '2'));

    await intake(repository.id, host, neverAborts);

    expect(await desiredOf(composition, repository)).toMatchObject({ commit: trunk });
    const state = await composition.repositories.read(repository.id);
    expect(state).toMatchObject({ defaultBranch: 'trunk', config: moved, heads: { trunk } });
  });

  it('is asked for if a webhook names it, although no environment follows the branch', async () => {
    const { slipway, composition } = await compositionUnderTest();
    const repository = await loans(slipway);
    await intake(repository.id, composition, neverAborts);
    const moved = appsYaml(`${repository.namespace}-moved`, { production: 'trunk' });
    const trunk = await repository.push({ 'slipway.yaml': moved }, 'trunk');
    await slipway.forge.switchDefaultBranch('github', repository.name, 'trunk');
    await announce(composition, repository, trunk, 'trunk', { defaultBranch: 'trunk' });

    await intake(repository.id, composition, neverAborts);

    expect(await desiredOf(composition, repository)).toMatchObject({ commit: trunk });
  });
});

describe('a look that was requested without a delivery', () => {
  it('is made although only a push to a branch that nobody follows waits', async () => {
    const { slipway, composition } = await compositionUnderTest();
    const repository = await loans(slipway);
    await intake(repository.id, composition, neverAborts);
    const commit = await repository.push(app('web', '2'));
    await composition.repositories.requestLook([repository.id]);
    await announce(composition, repository, 'f'.repeat(40), 'feature');

    await intake(repository.id, composition, neverAborts);

    expect((await desiredOf(composition, repository))?.commit).toBe(commit);
    expect(await composition.repositories.lookRequestedAt(repository.id)).toBeNull();
  });

  it('stays requested until an intake has looked, and the sweep enqueues it again', async () => {
    const { slipway, composition } = await compositionUnderTest();
    const repository = await loans(slipway);
    await composition.repositories.requestLook([repository.id]);
    await slipway.forge.setFaults('github', { gitDown: true }, repository.name);
    await expect(intake(repository.id, composition, neverAborts)).rejects.toMatchObject({
      code: 'GIT_UNREACHABLE',
    });
    expect(await composition.repositories.overdueLooks(0)).toEqual([repository.id]);

    await slipway.forge.clearFaults('github', repository.name);
    await intake(repository.id, composition, neverAborts);
    expect(await composition.repositories.overdueLooks(0)).toEqual([]);
  });

  it('that was requested again while an intake looked stays requested', async () => {
    const { slipway, composition } = await compositionUnderTest();
    const repository = await loans(slipway);
    await composition.repositories.requestLook([repository.id]);
    const asking = withMirror(composition, (mirror) => ({
      async fetch(branches, signal) {
        await composition.repositories.requestLook([repository.id]);
        return mirror.fetch(branches, signal);
      },
    }));
    await intake(repository.id, asking, neverAborts);
    expect(await composition.repositories.lookRequestedAt(repository.id)).not.toBeNull();
  });
});
