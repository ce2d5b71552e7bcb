import { describe, expect, it } from 'vitest';
import { finishedJobs } from '../../../../src/kube/inventory/finished-jobs.ts';
import { decideOperation, skipIfFinished } from '../../../../src/kube/plan/operation.ts';
import { planApply } from '../../../../src/kube/plan/plan.ts';
import type { KubeObject } from '../../../../src/model/object.ts';
import { refKey, refOf } from '../../../../src/model/object.ts';
import { configMap, member, rendered, setId } from './objects.ts';

const sync = 'argocd.argoproj.io/sync-options';

function plan(object: KubeObject, live?: KubeObject, releaseKey: string | undefined = 'release-1') {
  const members = new Map(live ? [[refKey(refOf(live)), live]] : []);
  const { waves } = planApply([rendered(object)], {
    live: { members, gaps: [], listed: [], forbidden: [] },
    setId,
    finished: {},
    ignores: () => [],
    releaseKey,
  });
  return waves.flat()[0]?.operation;
}

describe('a plan', () => {
  it('creates an object that does not exist', () => {
    expect(plan(configMap('web'))).toEqual({ kind: 'create' });
  });

  it('skips an object that an apply would certainly not change', () => {
    expect(plan(configMap('web', { note: 'x' }), member(configMap('web', { note: 'x' })))).toEqual({
      kind: 'skip',
    });
  });

  it('updates an object that differs', () => {
    const live = member(configMap('web', { note: 'x' }), { data: { a: '2' } });
    expect(plan(configMap('web', { note: 'x' }), live)).toEqual({ kind: 'update' });
  });

  it('replaces an object that differs and has Replace=true', () => {
    const object = configMap('web', { [sync]: 'Replace=true' });
    expect(plan(object, member(object, { data: { a: '2' } }))).toEqual({ kind: 'replace' });
  });

  it('recreates a member with Force=true,Replace=true although it does not differ', () => {
    const object = configMap('web', { [sync]: 'Force=true,Replace=true' });
    expect(plan(object, member(object))).toMatchObject({ kind: 'recreate' });
  });

  it('skips an object that this release has already recreated', () => {
    const object = configMap('web', { [sync]: 'Force=true,Replace=true' });
    const { waves } = planApply([rendered(object)], {
      live: { members: new Map(), gaps: [], listed: [], forbidden: [] },
      setId,
      finished: {},
      ignores: () => [],
      releaseKey: 'release-1',
    });
    const made = member(waves.flat()[0]?.wanted ?? object);
    expect(plan(object, made, 'release-1')).toEqual({ kind: 'skip' });
    expect(plan(object, made, 'release-2')).toMatchObject({ kind: 'recreate' });
  });

  it('never recreates an object outside of the set, nor a deletion-protected kind', () => {
    const object = configMap('web', { [sync]: 'Force=true,Replace=true' });
    expect(decideOperation({ wanted: object, ignored: [] }, object, setId)).toEqual({ kind: 'replace' });
    const namespace: KubeObject = { ...object, kind: 'Namespace' };
    expect(decideOperation({ wanted: namespace, ignored: [] }, member(namespace), setId)).toEqual({
      kind: 'replace',
    });
  });

  it('creates an object that is being deleted', () => {
    const live = member(configMap('web', { note: 'x' }));
    const leaving = { ...live, metadata: { ...live.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
    expect(plan(configMap('web', { note: 'x' }), leaving)).toEqual({ kind: 'create' });
  });

  it('updates an object that the account may not read', () => {
    const wanted = configMap('web', { [sync]: 'Replace=true' });
    expect(decideOperation({ wanted, ignored: [] }, 'unreadable', setId)).toEqual({ kind: 'update' });
  });
});

describe('a Job that finished and was cleaned up', () => {
  const job: KubeObject = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'migrate', namespace: 'loans' },
    spec: { ttlSecondsAfterFinished: 0 },
  };
  const finished = finishedJobs([rendered(job)]);

  it('is skipped, with the reason', () => {
    expect(skipIfFinished({ kind: 'create' }, finished, job)).toEqual({
      kind: 'skip',
      reason: 'it finished in an earlier release and was cleaned up',
    });
  });

  it('runs again if its work changed, or if each release replaces it', () => {
    const changed = { ...job, spec: { ttlSecondsAfterFinished: 0, parallelism: 2 } };
    expect(skipIfFinished({ kind: 'create' }, finished, changed)).toEqual({ kind: 'create' });
    const annotations = { [sync]: 'Force=true,Replace=true' };
    const forced = { ...job, metadata: { ...job.metadata, annotations } };
    expect(skipIfFinished({ kind: 'create' }, finished, forced)).toEqual({ kind: 'create' });
  });

  it('is not skipped if it exists', () => {
    expect(skipIfFinished({ kind: 'update' }, finished, job)).toEqual({ kind: 'update' });
  });
});
