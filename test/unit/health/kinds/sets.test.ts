import { describe, expect, test } from 'vitest';
import { healthOf } from '../../../../src/health/index.ts';
import { condition, object, type Row } from '../objects.ts';

const seen = { observedGeneration: 2 };
const full = { ...seen, replicas: 3, readyReplicas: 3, availableReplicas: 3, updatedReplicas: 3 };
const current = { ...full, currentRevision: 'a', updateRevision: 'a' };
const moving = { ...full, currentRevision: 'a', updateRevision: 'b' };

function stateful(status: object, updateStrategy: object = { type: 'RollingUpdate' }, replicas = 3) {
  return object('StatefulSet', { spec: { replicas, updateStrategy }, status });
}

function partition(at: number) {
  return { type: 'RollingUpdate', rollingUpdate: { partition: at } };
}

const nodes = {
  ...seen,
  desiredNumberScheduled: 4,
  updatedNumberScheduled: 4,
  numberReady: 4,
  numberAvailable: 4,
};

function daemon(status: object, type = 'RollingUpdate') {
  return object('DaemonSet', { spec: { updateStrategy: { type } }, status });
}

function replicas(status: object, wanted = 3) {
  return object('ReplicaSet', { spec: { replicas: wanted }, status });
}

const rows: Row[] = [
  ['StatefulSet not looked at yet', stateful({}), 'progressing', 'waiting'],
  ['StatefulSet with all pods new and ready', stateful(current), 'healthy', '3 of 3 pods ready'],
  [
    'StatefulSet with a pod not ready',
    stateful({ ...current, readyReplicas: 2 }),
    'progressing',
    '2 of 3 pods ready',
  ],
  [
    'StatefulSet not available for long enough',
    stateful({ ...current, availableReplicas: 2 }),
    'progressing',
    'minReadySeconds',
  ],
  [
    'StatefulSet of an old server, without availableReplicas',
    stateful({ ...current, availableReplicas: undefined }),
    'healthy',
    '3 of 3',
  ],
  [
    'StatefulSet in a rolling update',
    stateful({ ...moving, updatedReplicas: 1 }),
    'progressing',
    '1 of 3 pods updated',
  ],
  ['StatefulSet updated, its revision not moved yet', stateful(moving), 'progressing', '3 of 3 pods updated'],
  [
    'StatefulSet with a partition that is not reached',
    stateful({ ...moving, updatedReplicas: 0 }, partition(2)),
    'progressing',
    '0 of 1 pods updated',
  ],
  [
    'StatefulSet updated down to its partition',
    stateful({ ...moving, updatedReplicas: 1 }, partition(2)),
    'healthy',
    '1 of 3 pods updated, as the partition at 2 asks',
  ],
  [
    'StatefulSet with a partition above all its pods',
    stateful({ ...moving, updatedReplicas: 0 }, partition(9)),
    'healthy',
    '0 of 3',
  ],
  [
    'StatefulSet with OnDelete and old pods',
    stateful({ ...moving, updatedReplicas: 0 }, { type: 'OnDelete' }),
    'healthy',
    'once deleted',
  ],
  [
    'StatefulSet with OnDelete and a pod not ready',
    stateful({ ...moving, readyReplicas: 2 }, { type: 'OnDelete' }),
    'progressing',
    '2 of 3',
  ],
  ['StatefulSet scaled to zero', stateful(seen, undefined, 0), 'scaled-to-zero', 'scaled to zero'],
  [
    'StatefulSet being scaled down',
    stateful(current, undefined, 1),
    'progressing',
    '2 more pods than wanted',
  ],

  ['DaemonSet not looked at yet', daemon({}), 'progressing', 'waiting'],
  ['DaemonSet ready on all nodes', daemon(nodes), 'healthy', '4 of 4 pods ready'],
  [
    'DaemonSet in a rolling update',
    daemon({ ...nodes, updatedNumberScheduled: 1 }),
    'progressing',
    '1 of 4 pods updated',
  ],
  ['DaemonSet not ready', daemon({ ...nodes, numberReady: 3 }), 'progressing', '3 of 4 pods ready'],
  [
    'DaemonSet not available for long enough',
    daemon({ ...nodes, numberAvailable: 3 }),
    'progressing',
    'minReadySeconds',
  ],
  [
    'DaemonSet with OnDelete and old pods',
    daemon({ ...nodes, updatedNumberScheduled: 0 }, 'OnDelete'),
    'healthy',
    'once deleted',
  ],
  ['DaemonSet that no node asks for', daemon(seen), 'scaled-to-zero', 'no node'],

  ['ReplicaSet ready', replicas(full), 'healthy', '3 of 3 pods ready'],
  ['ReplicaSet not looked at yet', replicas({}), 'progressing', 'waiting'],
  ['ReplicaSet not ready', replicas({ ...full, readyReplicas: 0 }), 'progressing', '0 of 3 pods ready'],
  ['ReplicaSet being scaled down', replicas(full, 0), 'progressing', '3 more pods'],
  ['ReplicaSet scaled to zero', replicas(seen, 0), 'scaled-to-zero', 'scaled to zero'],
  [
    'ReplicaSet whose pods are refused',
    replicas({
      ...seen,
      conditions: [condition('ReplicaFailure', 'True', 'FailedCreate', 'exceeded quota')],
    }),
    'failed',
    'exceeded quota',
  ],
];

describe('a set', () => {
  test.each(rows)('%s', (_name, live, state, message) => {
    expect(healthOf(live)).toMatchObject({ state, message: expect.stringContaining(message) });
  });
});
