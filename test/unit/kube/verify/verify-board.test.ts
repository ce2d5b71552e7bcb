import { describe, expect, test } from 'vitest';
import { progressing } from '../../../../src/health/verdict.ts';
import type { Applied } from '../../../../src/kube/apply/applied.ts';
import { createBoard, type Entry, failureOf, isPending } from '../../../../src/kube/verify/verify-board.ts';
import { type KubeObject, refOf } from '../../../../src/model/object.ts';

interface State {
  version?: string;
  generation?: number;
  uid?: string;
  ready?: number;
}

function deployment({ version = '10', generation = 1, uid = 'a', ready = 0 }: State = {}): KubeObject {
  const counts = { replicas: 2, updatedReplicas: 2, readyReplicas: ready, availableReplicas: ready };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'loans', uid, generation, resourceVersion: version },
    spec: { replicas: 2 },
    status: { observedGeneration: generation, ...counts },
  };
}

function job(status: object): KubeObject {
  const metadata = { name: 'migrate', namespace: 'loans', resourceVersion: '10' };
  return { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: {}, status: { ...status } };
}

function applied(live: KubeObject, created = true): Applied {
  return { ref: refOf(live), path: '/apis/apps/v1/namespaces/loans/deployments', live, created };
}

function boardOf(...objects: KubeObject[]) {
  const board = createBoard(
    objects.map((one) => applied(one)),
    0,
  );
  const [entry] = board.entries;
  if (!entry) throw new Error('the board is empty');
  return { board, entry };
}

const complete = { conditions: [{ type: 'Complete', status: 'True' }] };
const failedJob = { conditions: [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }] };
const lasting = { summary: 'pod web-1: CrashLoopBackOff', causes: [], lasting: true };

describe('a state', () => {
  test('replaces an older one', () => {
    const { board, entry } = boardOf(deployment());
    board.see(entry, deployment({ version: '11', ready: 2 }), 0);

    expect(board.pending()).toEqual([]);
  });

  test.each<[string, State, State]>([
    ['a lower version', { version: '9', ready: 2 }, {}],
    ['a lower version with fewer digits', { version: '9', ready: 2 }, { version: '10' }],
    [
      'an older generation, if versions are not numbers',
      { version: 'b', generation: 1, ready: 2 },
      { version: 'a', generation: 2 },
    ],
  ])('is ignored if it has %s', (_name, older, known) => {
    const { board, entry } = boardOf(deployment(known));
    board.see(entry, deployment(older), 0);

    expect(board.pending()).toEqual([entry]);
  });

  test('counts if the object was recreated, although its generation is lower', () => {
    const { board, entry } = boardOf(deployment({ version: 'a', generation: 5 }));
    board.see(entry, deployment({ version: 'b', generation: 1, uid: 'b', ready: 2 }), 0);

    expect(board.pending()).toEqual([]);
  });
});

describe('an object that was deleted', () => {
  test('fails from that time', () => {
    const { board, entry } = boardOf(deployment({ ready: 2 }));
    board.gone(entry, undefined, 70);

    expect(board.failing()).toEqual([entry]);
    expect(entry).toMatchObject({ missing: true, failingSince: 70 });
  });

  test('is healthy again after it was recreated', () => {
    const { board, entry } = boardOf(deployment());
    board.gone(entry, undefined, 70);
    board.see(entry, deployment({ version: '12', uid: 'b', ready: 2 }), 80);

    expect(entry).toMatchObject({ missing: false, failingSince: undefined });
    expect(board.pending()).toEqual([]);
  });

  test('does not fail if the deleted state is older than the applied one', () => {
    const { board, entry } = boardOf(deployment({ version: '20', ready: 2 }));
    board.gone(entry, deployment({ version: '15', uid: 'old' }), 0);

    expect(board.pending()).toEqual([]);
  });

  test('does not fail if it is a Job that had completed', () => {
    const { board, entry } = boardOf(job(complete));
    board.gone(entry, undefined, 0);

    expect(board.pending()).toEqual([]);
  });

  test('does not fail if its last state was complete', () => {
    const { board, entry } = boardOf(job({}));
    board.see(entry, job(complete), 0);
    board.gone(entry, job(complete), 0);

    expect(board.pending()).toEqual([]);
  });
});

describe('the failure of an entry', () => {
  test('comes from its own status until its pods are diagnosed', () => {
    const { board, entry } = boardOf(deployment());
    const object = refOf(deployment());
    expect(failureOf(entry)).toMatchObject({ code: 'UNHEALTHY', object, summary: '0 of 2 pods ready' });

    const causes = [{ pod: 'web-1', summary: 'CrashLoopBackOff' }];
    board.setDiagnosis(entry, { summary: '0 of 2 pods ready', causes, lasting: true }, 100);
    expect(failureOf(entry).details).toMatchObject({ causes });
    expect(board.summary()).toBe(
      '0 of 1 objects healthy; Deployment web: 0 of 2 pods ready; pod web-1: CrashLoopBackOff',
    );
  });

  test('reports a health expression of the repository that cannot be evaluated', () => {
    const broken = () => ({
      ...progressing('health rule: healthy: no such key'),
      isRuleBroken: true as const,
    });
    const board = createBoard([applied(deployment())], 0, broken);
    expect(board.entries.map((entry) => failureOf(entry).details?.healthRule)).toEqual([true]);
  });
});

describe('failing', () => {
  test('counts from its start and again after an interruption', () => {
    const { board, entry } = boardOf(deployment());
    board.setDiagnosis(entry, lasting, 100);
    board.setDiagnosis(entry, lasting, 200);
    expect(entry.failingSince).toBe(100);

    board.setDiagnosis(entry, undefined, 300);
    board.setDiagnosis(entry, lasting, 400);
    expect(entry.failingSince).toBe(400);
  });

  test('comes from the pods of a workload only until the workload is healthy', () => {
    const { board, entry } = boardOf(deployment());
    board.setDiagnosis(entry, lasting, 100);
    board.see(entry, deployment({ version: '11', ready: 2 }), 200);

    expect(board.failing()).toEqual([]);
    expect(entry.diagnosis).toBeUndefined();
  });

  test('counts from the start of the wait if the applied object has already failed', () => {
    expect(boardOf(job(failedJob)).entry.failingSince).toBe(0);
  });
});

describe('an inconclusive verdict', () => {
  const custom: KubeObject = { apiVersion: 'kitchen.example.com/v1', kind: 'Oven', metadata: { name: 'o' } };
  const claim: KubeObject = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'c' } };
  const entryOf = (live: KubeObject, created: boolean, checked?: Entry['checked']) => {
    const [entry] = createBoard([applied(live, created)], 0).entries;
    if (!entry) throw new Error('the board is empty');
    entry.checked = checked;
    return entry;
  };

  test.each<[string, Entry, boolean]>([
    ['a new custom resource without a status', entryOf(custom, true), true],
    ['an existing custom resource', entryOf(custom, false), false],
    ['a new custom resource without a controller', entryOf(custom, true, 'settled'), false],
    ['a new custom resource whose controller reports', entryOf(custom, true, 'waiting'), true],
    ['a PersistentVolumeClaim', entryOf(claim, false), true],
    ['a PersistentVolumeClaim that is bound to its first pod', entryOf(claim, false, 'settled'), false],
  ])('decides whether %s is pending', (_name, entry, pending) => {
    expect(isPending(entry)).toBe(pending);
  });
});

describe('the summary', () => {
  test('counts healthy objects, and names a failing object before one that progresses', () => {
    const { board } = boardOf(deployment(), job(failedJob));

    expect(board.summary()).toBe('0 of 2 objects healthy; Job migrate: BackoffLimitExceeded');
  });

  test('masks values of the pod template', () => {
    const live = deployment();
    const containers = [{ name: 'app', env: [{ name: 'KEY', value: 'swordfish' }] }];
    const refused = {
      type: 'ReplicaFailure',
      status: 'True',
      reason: 'FailedCreate',
      message: 'no swordfish',
    };
    const { board } = boardOf({
      ...live,
      spec: { replicas: 2, template: { spec: { containers } } },
      status: { observedGeneration: 1, conditions: [refused] },
    });

    expect(board.summary()).toBe('0 of 1 objects healthy; Deployment web: FailedCreate: no ***');
  });
});

describe('the status of a custom resource that was changed', () => {
  const oven = (status: object, resourceVersion = '10'): KubeObject => ({
    apiVersion: 'example.com/v1',
    kind: 'Oven',
    metadata: { name: 'web', namespace: 'loans', generation: 2, resourceVersion },
    status: { ...status },
  });
  const withReady = (status: string, more: object = {}) => ({
    conditions: [{ type: 'Ready', status, ...more }],
  });
  const boardFor = (status: object, changed: boolean) => {
    const board = createBoard([{ ...applied(oven(status), false), changed }], 0);
    const [entry] = board.entries;
    if (!entry) throw new Error('the board is empty');
    return { board, entry };
  };

  test('does not count if it may describe the previous spec', () => {
    const { board, entry } = boardFor(withReady('True'), true);
    board.see(entry, oven(withReady('True')), 0);
    expect(board.pending()).toEqual([entry]);

    board.see(entry, oven(withReady('True'), '11'), 0);
    expect(board.pending()).toEqual([]);
  });

  test('does not fail the object until it is settled', () => {
    const { board, entry } = boardFor({ conditions: [{ type: 'Stalled', status: 'True' }] }, true);
    expect(board.failing()).toEqual([]);

    board.settle(entry, 'settled');
    expect(board.failing()).toEqual([entry]);
  });

  test.each<[string, object, boolean]>([
    ['it has an observedGeneration', withReady('True', { observedGeneration: 2 }), true],
    ['the spec was not changed', withReady('True'), false],
  ])('counts if %s', (_, status, changed) => {
    expect(boardFor(status, changed).board.pending()).toEqual([]);
  });
});
