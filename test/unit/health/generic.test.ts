import { describe, expect, test } from 'vitest';
import { healthOf } from '../../../src/health/index.ts';
import type { KubeObject } from '../../../src/model/object.ts';
import { condition, object, type Row } from './objects.ts';

function custom(status?: object, metadata: object = {}): KubeObject {
  const parts = status ? { status, metadata } : { metadata };
  return { ...object('Oven', parts), apiVersion: 'kitchen.example.com/v1' };
}

function conditions(...list: object[]) {
  return custom({ conditions: list });
}

const rows: Row[] = [
  ['that is ready', conditions(condition('Ready', 'True', 'Hot')), 'healthy', 'Hot'],
  [
    'that is not ready',
    conditions(condition('Ready', 'False', 'Heating', 'at 80 degrees')),
    'progressing',
    'Heating: at 80 degrees',
  ],
  [
    'that is not ready for a reason that names a failure',
    conditions(condition('Ready', 'False', 'IgnitionError', 'no gas')),
    'failed',
    'IgnitionError: no gas',
  ],
  [
    'that is not ready because something else is not',
    conditions(condition('Ready', 'False', 'DoorNotReady')),
    'progressing',
    'DoorNotReady',
  ],
  [
    'that only calls itself failed instead of not ready',
    conditions(condition('Ready', 'False', 'Failed')),
    'progressing',
    'Failed',
  ],
  [
    'whose Ready condition is Unknown',
    conditions(condition('Ready', 'Unknown')),
    'progressing',
    'Ready is Unknown',
  ],
  [
    'with a condition of an older generation',
    conditions({ ...condition('Ready', 'True'), observedGeneration: 1 }),
    'progressing',
    'waiting for its controller',
  ],
  [
    'that its controller has not observed',
    custom({ observedGeneration: 1, conditions: [condition('Ready', 'True')] }),
    'progressing',
    'waiting for its controller',
  ],
  [
    'that its controller has observed',
    custom({ observedGeneration: 2, conditions: [condition('Ready', 'True')] }),
    'healthy',
    'True',
  ],
  [
    'that is ready and reconciling',
    conditions(condition('Ready', 'True'), condition('Reconciling', 'True', 'Progressing')),
    'progressing',
    'Progressing',
  ],
  [
    'that is stalled',
    conditions(condition('Reconciling', 'True'), condition('Stalled', 'True', 'BadRecipe', 'no flour')),
    'failed',
    'BadRecipe: no flour',
  ],
  [
    'that is available and degraded',
    conditions(condition('Available', 'True'), condition('Degraded', 'True', 'DoorOpen')),
    'failed',
    'DoorOpen',
  ],
  [
    'that is no longer degraded',
    conditions(condition('Degraded', 'False'), condition('Available', 'True')),
    'healthy',
    'True',
  ],
  [
    'that is available during a rollout',
    conditions(condition('Available', 'True'), condition('Progressing', 'True', 'RollingOut', '1 of 3')),
    'progressing',
    'RollingOut: 1 of 3',
  ],
  [
    'that is available',
    conditions(condition('Available', 'True', 'AsExpected'), condition('Progressing', 'False')),
    'healthy',
    'AsExpected',
  ],
  [
    'with conditions copied from a Deployment',
    conditions(condition('Progressing', 'True', 'NewReplicaSetAvailable'), condition('Available', 'True')),
    'healthy',
    'Available is True',
  ],
  [
    'whose only word is a failed phase',
    custom({ phase: 'Failed', message: 'no flour' }),
    'failed',
    'Failed: no flour',
  ],
  ['whose only word is a failed state', custom({ state: 'error' }), 'failed', 'error'],
  [
    'whose phase contradicts that it is ready',
    custom({ phase: 'Failed', conditions: [condition('Ready', 'True', 'Hot')] }),
    'failed',
    'Failed',
  ],
  [
    'that is ready while its replicas are not',
    { ...custom({ readyReplicas: 1, conditions: [condition('Ready', 'True')] }), spec: { replicas: 2 } },
    'progressing',
    '1 of 2 replicas ready',
  ],
  [
    'that is ready while a part of it has failed',
    custom({ zones: [{ name: 'top', phase: 'failed' }], conditions: [condition('Ready', 'True')] }),
    'failed',
    'failed',
  ],
  [
    'that is ready after an error, a failed backup and a failed try',
    custom({
      errorMessage: 'no gas',
      lastBake: { phase: 'Failed' },
      backupStatus: { phase: 'Failed' },
      ready: false,
      conditions: [condition('Ready', 'True', 'Hot')],
    }),
    'healthy',
    'Hot',
  ],
  [
    'that is not ready because of an error of severity Error',
    conditions({ ...condition('Ready', 'False', 'Door'), severity: 'Error' }),
    'failed',
    'Door',
  ],
  [
    'that is not ready for a reason of severity Info',
    conditions({ ...condition('Ready', 'False', 'BakeFailed'), severity: 'Info' }),
    'progressing',
    'BakeFailed',
  ],
  [
    'that is not ready and whose message begins with an error',
    conditions(condition('Ready', 'False', 'Heating', 'Error: no gas')),
    'failed',
    'Heating: Error: no gas',
  ],
  [
    'that is not ready and whose message is about what is not there yet',
    conditions(condition('Ready', 'False', 'Heating', 'failed to get Secret: not found')),
    'progressing',
    'not found',
  ],
  [
    'that calls itself failed and says why',
    conditions(condition('Ready', 'False', 'Failed', 'no gas')),
    'failed',
    'no gas',
  ],
  [
    'that is not ready and has failed by another condition',
    conditions(condition('Ready', 'False'), condition('DoughReady', 'False', 'KneadingFailed')),
    'failed',
    'KneadingFailed',
  ],
  [
    'that is not ready and has failed by its phase',
    custom({ phase: 'Failed', conditions: [condition('Ready', 'False', 'Heating')] }),
    'failed',
    'Failed',
  ],
  [
    'that is not ready because it is paused',
    conditions(condition('Ready', 'False', 'ReconciliationPaused')),
    'suspended',
    'ReconciliationPaused',
  ],
  [
    'that waits for something that is paused',
    conditions(condition('Ready', 'False', 'BakerPaused')),
    'progressing',
    'BakerPaused',
  ],
  [
    'that a condition calls paused',
    conditions(condition('Paused', 'True', 'Lunch'), condition('Ready', 'False')),
    'suspended',
    'Lunch',
  ],
  [
    'that its spec pauses before its controller has looked',
    { ...custom({ observedGeneration: 1, phase: 'Heating' }), spec: { suspend: true } },
    'suspended',
    'spec.suspend is true',
  ],
  [
    'that its spec disables and that says nothing',
    { ...custom(), spec: { enabled: false } },
    'suspended',
    'spec.enabled is false',
  ],
  [
    'that says that it is updating',
    conditions(condition('Available', 'True'), condition('Updating', 'True', 'NewRecipe')),
    'progressing',
    'NewRecipe',
  ],
  [
    'that was submitted once',
    conditions(condition('Submitted', 'True'), condition('Available', 'True', 'Hot')),
    'healthy',
    'Hot',
  ],
  [
    'that is not ready because its replicas are unavailable',
    conditions(condition('Ready', 'False', 'MinimumReplicasUnavailable', '0 of 2')),
    'progressing',
    '0 of 2',
  ],
  [
    'that is ready during a rolling update',
    conditions(condition('Ready', 'True'), condition('RollingUpdate', 'True', 'Image')),
    'progressing',
    'Image',
  ],
  [
    'that is accepted and not enforced',
    conditions(condition('Accepted', 'True'), condition('Enforced', 'False', 'Unknown')),
    'progressing',
    'Unknown',
  ],
  [
    'that is ready and not healthy',
    conditions(condition('Ready', 'True'), condition('Healthy', 'False', 'Cold')),
    'progressing',
    'Cold',
  ],
  [
    'that is progressing and has a failure that is tried again',
    conditions(condition('Progressing', 'True', 'Retrying'), condition('Failing', 'True', 'Retrying')),
    'progressing',
    'Retrying',
  ],
  [
    'that is progressing and has a failure',
    conditions(condition('Progressing', 'True'), condition('OvenFailure', 'True', 'NoGas')),
    'failed',
    'NoGas',
  ],
  [
    'with a condition that names a lack because something has failed',
    conditions(condition('BakingBlocked', 'True', 'RecipeInvalid')),
    'failed',
    'RecipeInvalid',
  ],
  [
    'whose work is running and ends',
    {
      ...conditions(condition('Created', 'True'), condition('Running', 'True', 'Baking')),
      kind: 'BakeTask',
    },
    'progressing',
    'Baking',
  ],
  [
    'with a condition that names a lack',
    conditions(condition('NotReady', 'True', 'Cold')),
    'progressing',
    'Cold',
  ],
  [
    'with a condition whose status is a boolean',
    custom({ conditions: [{ type: 'Ready', status: true, reason: 'Hot' }] }),
    'healthy',
    'Hot',
  ],
  ['that is not available', conditions(condition('Available', 'False', 'Cold')), 'progressing', 'Cold'],
  [
    'with Progressing: True alone',
    conditions(condition('Progressing', 'True', 'Heating')),
    'progressing',
    'Heating',
  ],
  ['with Progressing: False alone', conditions(condition('Progressing', 'False')), 'healthy', 'nothing'],
  ['whose work succeeded', conditions(condition('Succeeded', 'True', 'Completed')), 'healthy', 'Completed'],
  [
    'whose work is running',
    conditions(condition('Succeeded', 'Unknown', 'Running')),
    'progressing',
    'Running',
  ],
  [
    'whose work ended in failure',
    conditions(condition('Complete', 'True', 'JobFailed')),
    'failed',
    'JobFailed',
  ],
  ['whose work failed', conditions(condition('Succeeded', 'False', 'TaskFailed')), 'failed', 'TaskFailed'],
  [
    'whose only true condition is named like work',
    conditions(condition('FurnaceDegraded', 'False'), condition('FurnaceProgressing', 'True', 'Heating')),
    'progressing',
    'Heating',
  ],
  [
    'that is available while a part is updating',
    conditions(condition('Available', 'True', 'Hot'), condition('FurnaceUpdating', 'True')),
    'healthy',
    'Hot',
  ],
  [
    'that was deployed but cannot be reconciled',
    conditions(condition('Deployed', 'True'), condition('Irreconcilable', 'True', 'Broken')),
    'failed',
    'Broken',
  ],
  ['with unknown conditions', conditions(condition('Plugged', 'False')), 'healthy', 'nothing'],
  ['that is being deleted', custom({}, { deletionTimestamp: 'now' }), 'terminating', 'deleted'],
  ['without a status', custom(), 'healthy', 'no controller has reported its status'],
];

function policy(...accepted: object[]) {
  return custom({ ancestors: accepted.map((one) => ({ controllerName: 'gateway', conditions: [one] })) });
}

describe('a policy of the Gateway API', () => {
  test.each<Row>([
    ['accepted', policy(condition('Accepted', 'True')), 'healthy', 'accepted by 1 of 1 ancestors'],
    [
      'refused by one ancestor',
      policy(condition('Accepted', 'True'), condition('Accepted', 'False', 'Conflicted', 'older one wins')),
      'failed',
      'Conflicted: older one wins',
    ],
    [
      'without its target',
      policy(condition('Accepted', 'False', 'TargetNotFound')),
      'progressing',
      'TargetNotFound',
    ],
    [
      'accepted before its latest change',
      policy({ ...condition('Accepted', 'True'), observedGeneration: 1 }),
      'progressing',
      'waiting for its controller',
    ],
    ['that no ancestor has reported on', policy(), 'healthy', 'nothing to wait for'],
  ])('%s', (_name, live, state, message) => {
    expect(healthOf(live)).toMatchObject({ state, message });
  });
});

describe('a custom resource', () => {
  test.each(rows)('%s', (_name, live, state, message) => {
    expect(healthOf(live)).toMatchObject({ state, message: expect.stringContaining(message) });
  });

  test('without a status is inconclusive', () => {
    expect(healthOf(custom()).inconclusive).toBe('controller');
    expect(healthOf(custom({ phase: 'Hot' })).inconclusive).toBeUndefined();
  });

  test('without a status differs from a built-in kind without one', () => {
    const role = { ...object('Role'), apiVersion: 'rbac.authorization.k8s.io/v1' };

    expect(healthOf(role).inconclusive).toBeUndefined();
  });

  test('is evaluated by its conditions even if its kind is named like one of Kubernetes', () => {
    const knative = {
      ...object('Service', { status: { conditions: [condition('Ready', 'Unknown', 'RevisionMissing')] } }),
    };

    expect(healthOf({ ...knative, apiVersion: 'serving.knative.dev/v1' }).state).toBe('progressing');
  });

  test('has its message on one line', () => {
    expect(healthOf(conditions(condition('Ready', 'False', 'Bad', 'one\n  two'))).message).toBe(
      'Bad: one two',
    );
  });
});
