import { describe, expect, it, onTestFinished } from 'vitest';
import type { Composition } from '../../../src/composition/composition.ts';
import { poll } from '../../../src/intake/poll.ts';
import type { IntakePorts } from '../../../src/intake/ports.ts';
import { type RepositoryId, splitRepository } from '../../../src/model/target.ts';
import type { RemoteHeads } from '../../../src/ports/git.ts';
import { createLimiter } from '../../../src/release/limiter.ts';
import { compositionUnderTest } from '../../support/composition.ts';
import { eventually } from '../../support/slipway.ts';

const namesOn = (forge: string, count: number, owner = 'acme') =>
  Array.from({ length: count }, (_, index) => `${forge}/${owner}/service-${index}`);

/** A forge that responds at once, unless a test holds a repository. */
function heldForge(hangs: (repository: RepositoryId) => boolean = () => false) {
  const asked: RepositoryId[] = [];
  const current = new Map<string, number>();
  const most = new Map<string, number>();
  const heads = async (repository: RepositoryId, signal?: AbortSignal): Promise<RemoteHeads> => {
    const { forge } = splitRepository(repository);
    asked.push(repository);
    const now = (current.get(forge) ?? 0) + 1;
    current.set(forge, now);
    most.set(forge, Math.max(most.get(forge) ?? 0, now));
    await new Promise<void>((resolve, reject) => {
      if (!hangs(repository)) setImmediate(resolve);
      signal?.addEventListener('abort', () => reject(signal.reason));
    });
    current.set(forge, (current.get(forge) ?? 1) - 1);
    return { defaultBranch: '', branches: new Map() };
  };
  return { asked, most, heads };
}

/** Polls until the test ends; returns the repositories that it enqueued, in order. */
function polling(
  composition: Composition,
  heads: (repository: RepositoryId, signal?: AbortSignal) => Promise<RemoteHeads>,
  options: { literal: RepositoryId[]; looksPerForge: number; intervalMs?: number },
): RepositoryId[] {
  const enqueued: RepositoryId[] = [];
  const enqueueIntake = async (repositories: RepositoryId[]) => void enqueued.push(...repositories);
  const open = (repository: RepositoryId) => ({
    ...composition.mirrors.open(repository),
    heads: (signal?: AbortSignal) => heads(repository, signal),
  });
  const ports: IntakePorts = {
    ...composition,
    wakeUps: { ...composition.wakeUps, enqueueIntake },
    projects: { projectOf: (repository) => repository.split('/')[1] },
    mirrors: { ...composition.mirrors, open } as IntakePorts['mirrors'],
  };
  const ending = new AbortController();
  const rules = { clusters: [], whyNotAllowed: () => undefined, intervalMs: 3_600_000 };
  const createLane = () => createLimiter(options.looksPerForge);
  const ended = poll({ ...rules, ...options, createLane }, ports, ending.signal);
  onTestFinished(async () => {
    ending.abort();
    await ended;
  });
  return enqueued;
}

describe('the poll of many repositories', () => {
  it('looks at each of them once a round, and at no more of a forge at once than it may', async () => {
    const { composition } = await compositionUnderTest();
    const literal = [...namesOn('github', 200), ...namesOn('gitlab', 100)];
    const forge = heldForge();

    const enqueued = polling(composition, forge.heads, { literal, looksPerForge: 4 });

    await eventually('all of them', async () => enqueued.length >= literal.length);
    expect([...enqueued].sort()).toEqual([...literal].sort());
    expect(forge.asked).toHaveLength(literal.length);
    expect([...forge.most]).toEqual([
      ['github', 4],
      ['gitlab', 4],
    ]);
  });

  it('looks at all others, round after round, while one repository hangs', async () => {
    const { composition } = await compositionUnderTest();
    const [hanging = '', ...others] = namesOn('github', 12);
    const forge = heldForge((repository) => repository === hanging);

    const options = { literal: [hanging, ...others], looksPerForge: 2, intervalMs: 300 };
    const enqueued = polling(composition, forge.heads, options);

    const looksAt = (repository: RepositoryId) => forge.asked.filter((name) => name === repository).length;
    await eventually('three rounds', async () => others.every((name) => looksAt(name) >= 3));
    expect(looksAt(hanging)).toBe(1);
    expect(enqueued).not.toContain(hanging);
  });

  it('looks at the repositories of one forge while those of another one hang', async () => {
    const { composition } = await compositionUnderTest();
    const healthy = namesOn('gitlab', 20);
    const forge = heldForge((repository) => repository.startsWith('github/'));

    const options = { literal: [...namesOn('github', 20), ...healthy], looksPerForge: 4 };
    const enqueued = polling(composition, forge.heads, options);

    await eventually('the healthy forge', async () => enqueued.length >= healthy.length);
    expect([...enqueued].sort()).toEqual([...healthy].sort());
    expect(forge.most.get('github')).toBe(4);
  });

  it('looks at another project before it goes on with one whose repositories hang', async () => {
    const { composition } = await compositionUnderTest();
    const others = namesOn('github', 1, 'others');
    const looks: { repository: RepositoryId; end: () => void }[] = [];
    const heads = async (repository: RepositoryId, signal?: AbortSignal): Promise<RemoteHeads> => {
      const { promise, resolve } = Promise.withResolvers<void>();
      signal?.addEventListener('abort', () => resolve());
      looks.push({ repository, end: resolve });
      await promise;
      return { defaultBranch: '', branches: new Map() };
    };
    polling(composition, heads, { literal: [...namesOn('github', 50), ...others], looksPerForge: 2 });
    await eventually('two looks', async () => looks.length === 2);
    looks[0]?.end();
    looks[1]?.end();
    await eventually('two more looks', async () => looks.length === 4);
    expect(looks.slice(2).map(({ repository }) => repository)).toContain(others[0]);
  });
});
