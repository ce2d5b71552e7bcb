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
    'whose readiness is not known',
    conditions(condition('Ready', 'Unknown')),
    'progressing',
    'Ready is Unknown',
  ],
  [
    'with an answer for an older generation',
    conditions({ ...condition('Ready', 'True'), observedGeneration: 1 }),
    'progressing',
    'waiting for its controller',
  ],
  [
    'not seen by its controller',
    custom({ observedGeneration: 1, conditions: [condition('Ready', 'True')] }),
    'progressing',
    'waiting for its controller',
  ],
  [
    'seen by its controller',
    custom({ observedGeneration: 2, conditions: [condition('Ready', 'True')] }),
    'healthy',
    'True',
  ],
  [
    'that is reconciling, though ready',
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
    'that is degraded, though available',
    conditions(condition('Available', 'True'), condition('Degraded', 'True', 'DoorOpen')),
    'failed',
    'DoorOpen',
  ],
  [
    'that was degraded',
    conditions(condition('Degraded', 'False'), condition('Available', 'True')),
    'healthy',
    'True',
  ],
  [
    'that is available while its new version is brought out',
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
    'with the conditions of its Deployment',
    conditions(condition('Progressing', 'True', 'NewReplicaSetAvailable'), condition('Available', 'True')),
    'healthy',
    'Available is True',
  ],
  [
    'with a phase of failure and nothing else',
    custom({ phase: 'Failed', message: 'no flour' }),
    'failed',
    'Failed: no flour',
  ],
  ['with a state of failure and nothing else', custom({ state: 'error' }), 'failed', 'error'],
  [
    'whose conditions know better than its phase',
    custom({ phase: 'Failed', conditions: [condition('Ready', 'True', 'Hot')] }),
    'healthy',
    'Hot',
  ],
  ['that is not available', conditions(condition('Available', 'False', 'Cold')), 'progressing', 'Cold'],
  [
    'that works and says nothing else',
    conditions(condition('Progressing', 'True', 'Heating')),
    'progressing',
    'Heating',
  ],
  [
    'that works no more and says nothing else',
    conditions(condition('Progressing', 'False')),
    'healthy',
    'nothing',
  ],
  ['that ran to a good end', conditions(condition('Succeeded', 'True', 'Completed')), 'healthy', 'Completed'],
  ['that runs', conditions(condition('Succeeded', 'Unknown', 'Running')), 'progressing', 'Running'],
  [
    'that ran to a bad end',
    conditions(condition('Succeeded', 'False', 'TaskFailed')),
    'failed',
    'TaskFailed',
  ],
  ['with conditions of other words', conditions(condition('Plugged', 'False')), 'healthy', 'nothing'],
  ['that is being deleted', custom({}, { deletionTimestamp: 'now' }), 'terminating', 'deleted'],
  ['that nobody has reported on', custom(), 'healthy', 'no controller has reported on it'],
];

describe('a custom resource', () => {
  test.each(rows)('%s', (_name, live, state, message) => {
    expect(healthOf(live)).toMatchObject({ state, message: expect.stringContaining(message) });
  });

  test('that nobody has reported on leaves open whether anybody will', () => {
    expect(healthOf(custom()).inconclusive).toBe('controller');
    expect(healthOf(custom({ phase: 'Hot' })).inconclusive).toBeUndefined();
  });

  test('is told from a built-in kind of the same form', () => {
    const role = { ...object('Role'), apiVersion: 'rbac.authorization.k8s.io/v1' };

    expect(healthOf(role).inconclusive).toBeUndefined();
  });

  test('is judged by its conditions also where it is named like a kind of Kubernetes', () => {
    const knative = {
      ...object('Service', { status: { conditions: [condition('Ready', 'Unknown', 'RevisionMissing')] } }),
    };

    expect(healthOf({ ...knative, apiVersion: 'serving.knative.dev/v1' }).state).toBe('progressing');
  });

  test('says what it says on one line', () => {
    expect(healthOf(conditions(condition('Ready', 'False', 'Bad', 'one\n  two'))).message).toBe(
      'Bad: one two',
    );
  });
});
