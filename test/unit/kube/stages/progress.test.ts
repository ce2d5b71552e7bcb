import { expect, it } from 'vitest';
import { newParent } from '../../../../src/kube/inventory/parent.ts';
import {
  andThen,
  startProgress,
  withHealth,
  withHooks,
  withWave,
} from '../../../../src/kube/stages/progress.ts';
import type { HealthOutcome } from '../../../../src/kube/verify/verify.ts';
import type { ObjectChange } from '../../../../src/model/change-set.ts';

const begin = startProgress(
  newParent({ name: 'web', namespace: 'slipway' }, 'github/acme/loans//web@production'),
);
const ref = { group: '', version: 'v1', kind: 'Pod', namespace: 'loans', name: 'web' };
const unhealthyPod: HealthOutcome = {
  unhealthy: [{ code: 'UNHEALTHY', object: ref, summary: 'crash loop' }],
  replaced: [],
  finished: new Set(['migrate']),
};
const wave = { changes: new Map(), applied: [], unanswered: [], early: [] };

it('a step that rejects keeps what was done before it', async () => {
  const change: ObjectChange = { ref, action: 'created', fields: [] };
  const before = withHooks(begin, [change]);
  const error = new Error('away');
  const after = await andThen(before, () => Promise.reject(error));
  expect(after).toEqual({ ...before, stop: { kind: 'interrupted', error } });
});

it('no step is taken after one that stopped', async () => {
  const stopped = withHealth(begin, unhealthyPod);
  let isTaken = false;
  const after = await andThen(stopped, (progress) => {
    isTaken = true;
    return progress;
  });
  expect([after, isTaken]).toEqual([stopped, false]);
});

it('a hook that failed and a wave that was interrupted stop the apply, an unanswered webhook does not', () => {
  const failed: ObjectChange = { ref, action: 'failed', fields: [] };
  expect(withHooks(begin, [failed]).stop).toEqual({ kind: 'failed' });
  const error = new Error('lost');
  expect(withWave(begin, { ...wave, interruption: { error } }).stop).toEqual({ kind: 'interrupted', error });
  expect(withWave(begin, wave).stop).toBeUndefined();
});

it('what a wait saw finish is kept, also by a wait that ends unhealthy', () => {
  const first = withHealth(begin, { unhealthy: [], replaced: [], finished: new Set(['seed']) });
  expect(first.stop).toBeUndefined();
  expect([...withHealth(first, unhealthyPod).finished]).toEqual(['seed', 'migrate']);
});
