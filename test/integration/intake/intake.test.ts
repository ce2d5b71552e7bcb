import { describe, expect, it } from 'vitest';
import { intake } from '../../../src/intake/intake.ts';
import type { Parts } from '../../../src/parts/parts.ts';
import type { Mirror, Mirrors } from '../../../src/ports/git.ts';
import { app, appsYaml } from '../../support/apps.ts';
import { announce, partsUnderTest, quietRepository } from '../../support/parts.ts';
import type { TestRepository } from '../../support/repository.ts';
import type { TestSlipway } from '../../support/slipway.ts';

const never = new AbortController().signal;

/** The parts with this change to what the mirror of every repository does. */
function withMirror(parts: Parts, change: (mirror: Mirror) => Partial<Mirror>): Parts {
  const mirrors: Mirrors = {
    close: () => parts.mirrors.close(),
    open(repository) {
      const mirror = parts.mirrors.open(repository);
      const methods: Mirror = {
        heads: (signal) => mirror.heads(signal),
        fetch: (branches, signal) => mirror.fetch(branches, signal),
        ensure: (commit, signal) => mirror.ensure(commit, signal),
        tree: (commit) => mirror.tree(commit),
        messages: (commit, since) => mirror.messages(commit, since),
        isAncestor: (ancestor, commit) => mirror.isAncestor(ancestor, commit),
      };
      return { ...methods, ...change(mirror) };
    },
  };
  return { ...parts, mirrors };
}

function loans(slipway: TestSlipway): Promise<TestRepository> {
  return quietRepository(slipway, (namespace) => ({
    'slipway.yaml': appsYaml(namespace),
    ...app('web', '1'),
  }));
}

const desiredOf = async ({ releases }: Parts, repository: TestRepository) =>
  (await releases.record(repository.target('web')))?.desired;

const linesOf = async ({ answers }: Parts, repository: TestRepository, commit: string) =>
  (await answers.read({ repository: repository.id, commit, scope: 'production' })).lines;

describe('an intake that stalls after its fetch', () => {
  it('cannot put an old head back, nor what it learned of the repository', async () => {
    const { slipway, parts } = await partsUnderTest();
    const repository = await loans(slipway);
    const old = await repository.push(app('web', '2'));
    const stalled = Promise.withResolvers<void>();
    const fetched = Promise.withResolvers<void>();
    const slow = withMirror(parts, (mirror) => ({
      async fetch(branches, signal) {
        const heads = await mirror.fetch(branches, signal);
        fetched.resolve();
        await stalled.promise;
        return heads;
      },
    }));
    const late = intake(repository.id, slow, never);
    await fetched.promise;
    const next = await repository.push(app('web', '3'));
    expect(await intake(repository.id, parts, never)).toEqual({ result: 'moved', targets: 1 });

    stalled.resolve();
    expect(await late).toEqual({ result: 'late', targets: 0 });
    expect((await desiredOf(parts, repository))?.commit).toBe(next);
    expect((await parts.repositories.read(repository.id))?.heads).toEqual({ main: next });
    expect(await linesOf(parts, repository, old)).toEqual([]);
  });

  it('after it has written desired keeps what a later one has learned of the repository', async () => {
    const { slipway, parts } = await partsUnderTest();
    const repository = await loans(slipway);
    const stalled = Promise.withResolvers<void>();
    const written = Promise.withResolvers<void>();
    const bells = {
      ...parts.bells,
      async ringDeploy() {
        written.resolve();
        await stalled.promise;
      },
    };
    const late = intake(repository.id, { ...parts, bells }, never);
    await written.promise;
    const next = await repository.push(app('web', '2'));
    await intake(repository.id, parts, never);
    stalled.resolve();
    await late;
    expect((await parts.repositories.read(repository.id))?.heads).toEqual({ main: next });
  });

  it('and that began before Redis was emptied holds up none of those that follow', async () => {
    const { slipway, parts } = await partsUnderTest();
    const repository = await loans(slipway);
    const stalled = Promise.withResolvers<void>();
    const fetched = Promise.withResolvers<void>();
    const slow = withMirror(parts, (mirror) => ({
      async fetch(branches, signal) {
        const heads = await mirror.fetch(branches, signal);
        fetched.resolve();
        await stalled.promise;
        return heads;
      },
    }));
    for (let before = 0; before < 5; before += 1) await parts.desired.nextSequence(repository.id);
    const late = intake(repository.id, slow, never);
    await fetched.promise;
    await parts.redis.del(parts.keys.repository(repository.id));
    stalled.resolve();
    await late;
    const next = await repository.push(app('web', '2'));
    expect(await intake(repository.id, parts, never)).toEqual({ result: 'moved', targets: 1 });
    expect((await desiredOf(parts, repository))?.commit).toBe(next);
  });
});

describe('an intake', () => {
  it('that dies before it has answered leaves nothing unsaid: the next one says it', async () => {
    const { slipway, parts } = await partsUnderTest();
    const repository = await loans(slipway);
    const first = await repository.push(app('web', '2'));
    await intake(repository.id, parts, never);
    const second = await repository.push(app('web', '3'));
    const id = await announce(parts, repository, second);
    const bells = { ...parts.bells, ringDeploy: () => Promise.reject(new Error('killed')) };
    await expect(intake(repository.id, { ...parts, bells }, never)).rejects.toThrow('killed');
    expect(await linesOf(parts, repository, first)).toMatchObject([
      { state: 'superseded', supersededBy: second },
    ]);

    expect(await intake(repository.id, parts, never)).toEqual({ result: 'moved', targets: 1 });
    expect(await linesOf(parts, repository, second)).toMatchObject([{ state: 'queued' }]);
    expect(await parts.deliveries.get(id)).toMatchObject({
      state: 'done',
      outcome: '1 of 1 targets moved',
      targets: [repository.target('web')],
    });
  });

  it('asks for a pending only later, so that an end that comes at once overtakes it', async () => {
    const { slipway, parts } = await partsUnderTest();
    const repository = await loans(slipway);
    const commit = await repository.push(app('web', '2'));
    const rung: { commits: string[]; delayMs: number | undefined }[] = [];
    const bells: Parts['bells'] = {
      ...parts.bells,
      async ringNotify(answers, delayMs) {
        rung.push({ commits: answers.map((answer) => answer.commit), delayMs });
      },
    };
    await intake(repository.id, { ...parts, bells }, never);
    expect(rung).toEqual([{ commits: [commit], delayMs: 2_000 }]);
  });

  it('does not take a head that Git does not show yet for one that was pushed away', async () => {
    const { slipway, parts } = await partsUnderTest();
    const repository = await loans(slipway);
    const shown = await repository.push(app('web', '2'));
    const announced = await repository.push(app('web', '3'));
    const id = await announce(parts, repository, announced);
    const behind = withMirror(parts, (mirror) => ({
      async fetch(branches, signal) {
        await mirror.fetch(branches, signal);
        return new Map([['main', shown]]);
      },
    }));
    await expect(intake(repository.id, behind, never)).rejects.toMatchObject({ code: 'GIT_UNREACHABLE' });
    expect(await linesOf(parts, repository, announced)).toEqual([]);
    expect(await parts.deliveries.get(id)).toMatchObject({ state: 'waiting' });

    await intake(repository.id, parts, never);
    expect((await desiredOf(parts, repository))?.commit).toBe(announced);
    expect(await parts.deliveries.get(id)).toMatchObject({ state: 'done' });
  });

  it('says on a head that was replaced before it looked what took its place', async () => {
    const { slipway, parts } = await partsUnderTest();
    const repository = await loans(slipway);
    const replaced = await repository.push(app('web', '2'));
    const head = await repository.push(app('web', '3'));
    const ids = [await announce(parts, repository, replaced), await announce(parts, repository, head)];
    await intake(repository.id, parts, never);
    expect(await linesOf(parts, repository, replaced)).toEqual([{ state: 'superseded', supersededBy: head }]);
    for (const id of ids) expect(await parts.deliveries.get(id)).toMatchObject({ state: 'done' });

    // A force push makes it the head again: then it is answered for itself.
    await slipway.forge.resetBranch('github', repository.name, 'main', replaced);
    await intake(repository.id, parts, never);
    expect(await linesOf(parts, repository, replaced)).toEqual([
      { target: repository.target('web'), state: 'queued' },
    ]);
  });

  it('ends deliveries with the reason where the forge refuses the repository', async () => {
    const { slipway, parts } = await partsUnderTest();
    const repository = await loans(slipway);
    const id = await announce(parts, repository, 'c'.repeat(40));
    const gone = `${repository.id}-gone`;
    const refused = withMirror(parts, () => {
      const mirror = parts.mirrors.open(gone);
      return { fetch: (branches) => mirror.fetch(branches), heads: () => mirror.heads() };
    });
    expect(await intake(repository.id, refused, never)).toEqual({ result: 'failed', targets: 0 });
    expect(await parts.deliveries.get(id)).toMatchObject({
      state: 'failed',
      outcome: expect.stringContaining(gone),
    });
  });

  it('keeps deliveries waiting while the forge is away', async () => {
    const { slipway, parts } = await partsUnderTest();
    const repository = await loans(slipway);
    const id = await announce(parts, repository, await repository.push(app('web', '2')));
    await slipway.forge.setFaults('github', { gitDown: true }, repository.name);
    await expect(intake(repository.id, parts, never)).rejects.toMatchObject({ code: 'GIT_UNREACHABLE' });
    expect(await parts.deliveries.get(id)).toMatchObject({ state: 'waiting' });
    await slipway.forge.clearFaults('github', repository.name);
    expect(await intake(repository.id, parts, never)).toMatchObject({ result: 'moved' });
  });
});
