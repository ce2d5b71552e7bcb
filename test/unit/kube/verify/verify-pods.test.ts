import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Reader } from '../../../../src/kube/diagnose/reader.ts';
import { createBoard } from '../../../../src/kube/verify/verify-board.ts';
import { followPods } from '../../../../src/kube/verify/verify-pods.ts';
import { startWait } from '../../../../src/kube/verify/verify-wait.ts';
import type { Follower, WatchHub } from '../../../../src/kube/watch/watch-hub.ts';
import { type KubeObject, refOf } from '../../../../src/model/object.ts';
import { object } from '../../health/objects.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function rollingOut(name: string, replicas = 1): KubeObject {
  const spec = { replicas, selector: { matchLabels: { app: name } } };
  return object('Deployment', { metadata: { name }, spec, status: { observedGeneration: 1 } });
}

function crashing(app: string): KubeObject {
  const state = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } };
  return object('Pod', {
    metadata: { name: `${app}-1`, labels: { app } },
    spec: { containers: [{ name: 'app' }] },
    status: { phase: 'Running', containerStatuses: [{ name: 'app', state }] },
  });
}

function wait(workloads: KubeObject[], openStreams = 0) {
  const followers: Follower[] = [];
  const unfollowed: Follower[] = [];
  const hub: WatchHub = {
    follow(follower) {
      followers.push(follower);
      return () => unfollowed.push(follower);
    },
    size: () => openStreams,
    close: () => undefined,
  };
  const reader = { list: vi.fn<Reader['list']>(async () => []) };
  const board = createBoard(
    workloads.map((live) => ({ ref: refOf(live), path: '/x', live, created: true })),
    performance.now(),
  );
  const signal = new AbortController().signal;
  const waiting = startWait(board, { signal, timeoutMs: 60_000, failFastMs: 60_000 });
  const stop = followPods(board, waiting, { hub, reader, failFastMs: 60_000 });
  return { followers, unfollowed, reader, stop, selectors: () => followers.map((one) => one.labelSelector) };
}

describe('the pods of slow workloads', () => {
  test('are not watched in the first 500 ms', async () => {
    const { selectors } = wait([rollingOut('a')]);

    await vi.advanceTimersByTimeAsync(499);

    expect(selectors()).toEqual([]);
  });

  test('are watched with one stream per workload if there are few', async () => {
    const { selectors } = wait([rollingOut('a'), rollingOut('b')]);

    await vi.advanceTimersByTimeAsync(500);

    expect(selectors()).toEqual(['app=a', 'app=b']);
  });

  test('are watched with one stream per namespace if there are many workloads or streams', async () => {
    const many = wait(['a', 'b', 'c', 'd', 'e'].map((name) => rollingOut(name)));
    const crowded = wait([rollingOut('a')], 65);

    await vi.advanceTimersByTimeAsync(500);

    expect(many.selectors()).toEqual(['']);
    expect(many.followers[0]?.path).toBe('/api/v1/namespaces/loans/pods');
    expect(crowded.selectors()).toEqual(['']);
  });

  test('are not watched if the workload is scaled to zero', async () => {
    const { selectors } = wait([rollingOut('idle', 0)]);

    await vi.advanceTimersByTimeAsync(500);

    expect(selectors()).toEqual([]);
  });

  test('trigger the diagnosis of their own workload only', async () => {
    const { followers, reader } = wait(['a', 'b', 'c', 'd', 'e'].map((name) => rollingOut(name)));
    await vi.advanceTimersByTimeAsync(500);

    followers[0]?.onEvent('MODIFIED', crashing('c'));
    followers[0]?.onEvent('MODIFIED', crashing('stranger'));
    await vi.advanceTimersByTimeAsync(0);

    const selectors = reader.list.mock.calls.flatMap(([, { labelSelector }]) => labelSelector ?? []);
    expect(selectors).toEqual(['app=c']);
  });

  test('are read if a shared stream has already delivered them', async () => {
    const { followers, reader } = wait([rollingOut('a')], 65);
    await vi.advanceTimersByTimeAsync(500);

    followers[0]?.onJoined();

    expect(reader.list).toHaveBeenCalledWith('/api/v1/namespaces/loans/pods', { labelSelector: '' });
  });

  test('are no longer watched after the wait', async () => {
    const { followers, unfollowed, stop } = wait([rollingOut('a')]);
    await vi.advanceTimersByTimeAsync(500);

    stop();

    expect(unfollowed).toEqual(followers);
  });
});
