import { describe, expect, it } from 'vitest';
import type { Release } from '../../../src/model/release.ts';
import { releaseEvent } from '../../../src/model/release-event.ts';

const release: Release = {
  id: '0123abcd-7',
  target: 'github/acme/web//web@production',
  number: 7,
  commit: 'c'.repeat(40),
  contentKey: 'key',
  revision: 3,
  cause: { kind: 'push', by: 'ada', delivery: 'github:1' },
  state: 'applying',
  times: { rendering: 12 },
  startedAt: 1_000,
  attempts: 2,
};

describe('releaseEvent', () => {
  it('carries the ids, the cause and the state of the release, and the version of its shape', () => {
    expect(releaseEvent(release, 2_000)).toEqual({
      version: 1,
      kind: 'applying',
      at: 2_000,
      target: release.target,
      commit: release.commit,
      cause: release.cause,
      release: { id: '0123abcd-7', number: 7, revision: 3, state: 'applying', attempts: 2, startedAt: 1_000 },
    });
  });

  it.each([
    'rendering',
    'checking',
    'verifying',
    'succeeded',
    'unchanged',
    'failed',
    'rolled-back',
    'blocked',
  ] as const)('names a release that is %s by its state', (state) => {
    expect(releaseEvent({ ...release, state }, 0)).toMatchObject({ kind: state, release: { state } });
  });

  it('says how the release ended', () => {
    const end = {
      state: 'failed',
      endedAt: 9,
      summary: '1 failed',
      failure: { code: 'UNHEALTHY', summary: 'broken', hint: 'mend it' },
    } as const;
    const { state, ...rest } = end;
    expect(releaseEvent({ ...release, ...end }, 0)).toMatchObject({
      kind: state,
      release: { state, ...rest },
    });
  });

  it('names the commit that superseded the release', () => {
    const event = releaseEvent({ ...release, state: 'superseded', supersededBy: 'newer' }, 0);
    expect(event).toMatchObject({ kind: 'superseded', supersededBy: 'newer', release: { number: 7 } });
  });

  it('tells a success whose deletions await a confirmation from one that is complete', () => {
    const held = releaseEvent({ ...release, state: 'succeeded', held: true }, 0);
    expect(held).toMatchObject({ kind: 'prune-held', release: { state: 'succeeded' } });
    // The prune was held in an earlier release; this one failed.
    expect(releaseEvent({ ...release, state: 'failed', held: true }, 0).kind).toBe('failed');
  });
});
