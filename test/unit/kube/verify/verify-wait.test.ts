import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createBoard } from '../../../../src/kube/verify/verify-board.ts';
import { startWait } from '../../../../src/kube/verify/verify-wait.ts';
import { type KubeObject, refOf } from '../../../../src/model/object.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function deployment(version: number, ready = 0): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'loans', resourceVersion: String(version) },
    spec: { replicas: 1 },
    status: { replicas: 1, updatedReplicas: 1, readyReplicas: ready, availableReplicas: ready },
  };
}

function waitFor(timeoutMs: number, failFastMs: number) {
  const live = deployment(1);
  const board = createBoard([{ ref: refOf(live), path: '/x', live, created: true }], performance.now());
  const [entry] = board.entries;
  if (!entry) throw new Error('the board is empty');
  const abort = new AbortController();
  const progress: string[] = [];
  const onProgress = (message: string) => progress.push(message);
  const wait = startWait(board, { signal: abort.signal, timeoutMs, failFastMs, onProgress });
  const seen = vi.fn();
  wait.over.then(seen, seen);
  const fail = (lasting: boolean) => {
    board.setDiagnosis(
      entry,
      { summary: 'pod web-1: CrashLoopBackOff', causes: [], lasting },
      performance.now(),
    );
    wait.changed();
  };
  return { board, entry, wait, abort, seen, progress, fail };
}

describe('a wait', () => {
  test('ends when the last object becomes healthy', async () => {
    const { board, entry, wait } = waitFor(1_000, 100);
    board.see(entry, deployment(2, 1), performance.now());
    wait.changed();

    await expect(wait.over).resolves.toBe('healthy');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('ends when an object has failed for failFastMs, and not earlier', async () => {
    const { fail, seen } = waitFor(1_000, 100);
    fail(true);

    await vi.advanceTimersByTimeAsync(99);
    expect(seen).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(seen).toHaveBeenCalledWith('failed');
  });

  test('restarts failFastMs after a failure that recovered', async () => {
    const { fail, seen } = waitFor(1_000, 100);
    fail(true);
    await vi.advanceTimersByTimeAsync(80);
    fail(false);
    await vi.advanceTimersByTimeAsync(80);
    fail(true);
    await vi.advanceTimersByTimeAsync(80);
    expect(seen).not.toHaveBeenCalled();

    await vi.advanceTimersByTimeAsync(20);
    expect(seen).toHaveBeenCalledWith('failed');
  });

  test('ends at the timeout', async () => {
    const { seen } = waitFor(1_000, 100);
    await vi.advanceTimersByTimeAsync(1_000);

    expect(seen).toHaveBeenCalledWith('timeout');
  });

  test('ends with the reason of an abort, and ignores later changes', async () => {
    const { abort, wait, fail } = waitFor(1_000, 100);
    const reason = new Error('superseded');
    abort.abort(reason);
    fail(true);

    await expect(wait.over).rejects.toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('reports its progress once for each change', () => {
    const { progress, wait, fail } = waitFor(1_000, 100);
    wait.changed();
    wait.changed();
    fail(false);

    expect(progress).toEqual([
      '0 of 1 objects healthy; Deployment web: 0 of 1 pods ready',
      '0 of 1 objects healthy; Deployment web: pod web-1: CrashLoopBackOff',
    ]);
  });
});
