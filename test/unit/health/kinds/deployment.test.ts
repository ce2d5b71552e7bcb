import { describe, expect, test } from 'vitest';
import { healthOf } from '../../../../src/health/index.ts';
import { condition, object, type Row } from '../objects.ts';

const seen = { observedGeneration: 2 };
const done = { ...seen, replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 };

function deployment(status: object, spec: object = {}) {
  return object('Deployment', { spec: { replicas: 3, ...spec }, status });
}

const rows: Row[] = [
  ['with all pods updated and available', deployment(done), 'healthy', '3 of 3 pods ready'],
  [
    'that its controller has not observed',
    deployment({}),
    'progressing',
    'waiting for the deployment controller',
  ],
  [
    'changed again after its rollout',
    deployment({ ...done, observedGeneration: 1 }),
    'progressing',
    'waiting',
  ],
  [
    'with pods of the old version still to replace',
    deployment({ ...done, updatedReplicas: 1 }),
    'progressing',
    '1 of 3 pods updated',
  ],
  [
    'with an old pod still running',
    deployment({ ...done, replicas: 4 }),
    'progressing',
    '1 old pod still running',
  ],
  [
    'with old pods still running',
    deployment({ ...done, replicas: 5 }),
    'progressing',
    '2 old pods still running',
  ],
  [
    'with pods not ready',
    deployment({ ...done, readyReplicas: 1, availableReplicas: 1 }),
    'progressing',
    '1 of 3 pods ready',
  ],
  [
    'with no ready pod and a status without zeros',
    deployment({ ...seen, replicas: 3, updatedReplicas: 3 }),
    'progressing',
    '0 of 3 pods ready',
  ],
  [
    'ready for less than minReadySeconds',
    deployment({ ...done, availableReplicas: 2 }),
    'progressing',
    'minReadySeconds',
  ],
  [
    'scaled down with pods still running',
    deployment({ ...done, replicas: 5, updatedReplicas: 5 }),
    'progressing',
    '5 pods running, 3 wanted',
  ],
  ['paused', deployment({ ...done, updatedReplicas: 0 }, { paused: true }), 'suspended', 'paused'],
  ['scaled to zero', deployment(seen, { replicas: 0 }), 'scaled-to-zero', 'scaled to zero'],
  [
    'without spec.replicas, which defaults to one',
    object('Deployment', { spec: {}, status: { ...seen } }),
    'progressing',
    '0 of 1',
  ],
  [
    'past its progress deadline',
    deployment({
      ...seen,
      conditions: [condition('Progressing', 'False', 'ProgressDeadlineExceeded', 'has timed out')],
    }),
    'failed',
    'ProgressDeadlineExceeded: has timed out',
  ],
  [
    'whose pods a quota rejects',
    deployment({
      ...seen,
      conditions: [condition('ReplicaFailure', 'True', 'FailedCreate', 'exceeded quota')],
    }),
    'failed',
    'FailedCreate: exceeded quota',
  ],
];

describe('evaluates a Deployment', () => {
  test.each(rows)('%s', (_name, live, state, message) => {
    expect(healthOf(live)).toMatchObject({ state, message: expect.stringContaining(message) });
  });
});
