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
  ['StatefulSet that its controller has not observed', stateful({}), 'progressing', 'waiting'],
  ['StatefulSet with all pods updated and ready', stateful(current), 'healthy', '3 of 3 pods ready'],
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
  [
    'StatefulSet whose pods are updated but not its current revision',
    stateful(moving),
    'progressing',
    '3 of 3 pods updated',
  ],
  [
    'StatefulSet that has not updated the pods above its partition',
    stateful({ ...moving, updatedReplicas: 0 }, partition(2)),
    'progressing',
    '0 of 1 pods updated',
  ],
  [
    'StatefulSet updated down to its partition',
    stateful({ ...moving, updatedReplicas: 1 }, partition(2)),
    'healthy',
    '1 of 3 pods updated; partition 2 keeps the rest',
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
    'after they are deleted',
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
    '3 pods running, 1 wanted',
  ],

  ['DaemonSet that its controller has not observed', daemon({}), 'progressing', 'waiting'],
  ['DaemonSet ready on all nodes', daemon(nodes), 'healthy', '4 of 4 pods ready'],
  [
    'DaemonSet in a rolling update',
    daemon({ ...nodes, updatedNumberScheduled: 1 }),
    'progressing',
    '1 of 4 pods updated',
  ],
  ['DaemonSet not ready', daemon({ ...nodes, numberReady: 3 }), 'progressing', '3 of 4 pods ready'],
  [
    'DaemonSet with a pod that is ready for less than minReadySeconds',
    daemon({ ...nodes, numberAvailable: 3 }),
    'progressing',
    'minReadySeconds',
  ],
  [
    'DaemonSet with OnDelete and old pods',
    daemon({ ...nodes, updatedNumberScheduled: 0 }, 'OnDelete'),
    'healthy',
    'after they are deleted',
  ],
  ['DaemonSet that selects no node', daemon(seen), 'scaled-to-zero', 'no node'],

  ['ReplicaSet ready', replicas(full), 'healthy', '3 of 3 pods ready'],
  ['ReplicaSet that its controller has not observed', replicas({}), 'progressing', 'waiting'],
  ['ReplicaSet not ready', replicas({ ...full, readyReplicas: 0 }), 'progressing', '0 of 3 pods ready'],
  ['ReplicaSet being scaled down', replicas(full, 0), 'progressing', '3 pods running, 0 wanted'],
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

describe('evaluates a', () => {
  test.each(rows)('%s', (_name, live, state, message) => {
    expect(healthOf(live)).toMatchObject({ state, message: expect.stringContaining(message) });
  });
});
