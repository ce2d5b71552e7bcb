import { describe, expect, it } from 'vitest';
import type { Composition } from '../../../src/composition/composition.ts';
import { SlipwayError } from '../../../src/errors.ts';
import type { CommitReportKey } from '../../../src/model/commit-report.ts';
import type { ReleaseState } from '../../../src/model/release.ts';
import { sendStatuses } from '../../../src/notifications/commit-status/send-statuses.ts';
import type { Forge } from '../../../src/ports/forge.ts';
import { compositionUnderTest, quietRepository } from '../../support/composition.ts';

const neverAborts = new AbortController().signal;
const context = 'slipway/production';

type PostStatus = Forge['postStatus'];

/** A commit whose report says first that its release has succeeded, which was sent. */
async function sentReport() {
  const { slipway, composition, anotherHost } = await compositionUnderTest();
  const repository = await quietRepository(slipway, () => ({ 'README.md': 'loans' }));
  const commit = await repository.push({ 'README.md': 'more loans' });
  const key: CommitReportKey = { repository: repository.id, commit, scope: 'production' };
  const report = (state: ReleaseState) => composition.reports.write(key, [{ state }]);
  await report('succeeded');
  await sendStatuses(key, composition, neverAborts);
  return {
    composition,
    key,
    report,
    repository,
    /** A process of its own, whose requests to the forge go through `posting`. */
    send: (posting?: (post: PostStatus) => PostStatus) =>
      sendStatuses(key, posting ? withPosting(anotherHost, posting) : composition, neverAborts),
    state: async () => (await repository.lastStatuses(commit))[context]?.state,
    isUnsent: async () => {
      const unsent = await composition.reports.unsent(0);
      return unsent.some((one) => one.commit === commit);
    },
  };
}

function withPosting(composition: Composition, posting: (post: PostStatus) => PostStatus): Composition {
  const { github } = Object.fromEntries(composition.forges);
  if (!github) throw new Error('no forge');
  return {
    ...composition,
    forges: new Map([['github', { ...github, postStatus: posting(github.postStatus) }]]),
  };
}

/** Something that a sender reaches, and waits at until the test lets it go on. */
function gate() {
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  const pass = async () => {
    reach();
    await opened;
  };
  return { reached, open, pass };
}

/** The request to the forge is held up before it leaves, or the response before it arrives. */
function heldBefore({ pass }: ReturnType<typeof gate>) {
  return (post: PostStatus): PostStatus =>
    async (...status) => {
      await pass();
      return post(...status);
    };
}
function heldAfter({ pass }: ReturnType<typeof gate>) {
  return (post: PostStatus): PostStatus =>
    async (...status) => {
      const place = await post(...status);
      await pass();
      return place;
    };
}

describe('two senders of one report', () => {
  it('leave the report unsent if the status of the earlier one reaches the forge last', async () => {
    const { report, send, state, isUnsent } = await sentReport();
    await report('verifying');
    const late = gate();
    const earlier = send(heldBefore(late));
    await late.reached;
    await report('failed');
    await send();
    expect(await state()).toBe('failure');

    late.open();
    await expect(earlier).rejects.toMatchObject({ code: 'LEASE_LOST' });
    expect(await state()).toBe('pending');
    expect(await isUnsent()).toBe(true);
    await send();
    expect(await state()).toBe('failure');
    expect(await isUnsent()).toBe(false);
  });

  it('do not remember the status of the earlier one if the forge has that of the later one', async () => {
    const { report, send, state } = await sentReport();
    await report('verifying');
    const late = gate();
    const earlier = send(heldAfter(late));
    await late.reached;
    await report('failed');
    await send();
    late.open();
    await expect(earlier).rejects.toMatchObject({ code: 'LEASE_LOST' });

    await report('verifying');
    await send();
    expect(await state()).toBe('pending');
  });

  it('trust neither of their statuses if both are on their way at once', async () => {
    const { report, send, state, isUnsent } = await sentReport();
    await report('verifying');
    const [before, after] = [gate(), gate()];
    const earlier = send(heldBefore(before));
    await before.reached;
    await report('failed');
    const later = send(heldAfter(after));
    await after.reached;
    before.open();
    await expect(earlier).rejects.toMatchObject({ code: 'LEASE_LOST' });
    after.open();
    await expect(later).rejects.toMatchObject({ code: 'LEASE_LOST' });

    expect(await state()).toBe('pending');
    expect(await isUnsent()).toBe(true);
    await send();
    expect(await state()).toBe('failure');
    expect(await isUnsent()).toBe(false);
  });

  it('post nothing that the one before has posted and marked', async () => {
    const { report, send, repository, key } = await sentReport();
    await report('failed');
    await send();
    const before = await repository.forge.statuses('github', repository.name, key.commit);
    await report('failed');
    await send();
    expect(await repository.forge.statuses('github', repository.name, key.commit)).toEqual(before);
  });
});

describe('a status of which it is not known whether the forge has it', () => {
  it('is replaced if the process ended before the response', async () => {
    const { report, send, state } = await sentReport();
    await report('verifying');
    const killed = gate();
    void send(heldAfter(killed));
    await killed.reached;
    expect(await state()).toBe('pending');

    await report('succeeded');
    await send();
    expect(await state()).toBe('success');
  });

  it('is replaced if the connection ended before the response', async () => {
    const { report, send, state } = await sentReport();
    await report('verifying');
    const lost =
      (post: PostStatus): PostStatus =>
      async (...status) => {
        await post(...status);
        throw new SlipwayError('FORGE_UNREACHABLE', 'socket hang up');
      };
    await expect(send(lost)).rejects.toMatchObject({ code: 'FORGE_UNREACHABLE' });
    expect(await state()).toBe('pending');

    await report('succeeded');
    await send();
    expect(await state()).toBe('success');
  });
});
