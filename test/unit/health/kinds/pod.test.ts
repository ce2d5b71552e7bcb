import { describe, expect, test } from 'vitest';
import { healthOf } from '../../../../src/health/index.ts';
import { condition, object, type Row } from '../objects.ts';

const app = { name: 'app', image: 'web:v9' };

interface Composition {
  spec?: object;
  status?: object;
  state?: object;
  container?: object;
}

/** A pod with one container in this state. */
function pod({ spec = {}, status = {}, state, container = {} }: Composition) {
  const statuses = state ? { containerStatuses: [{ name: 'app', ready: false, state, ...container }] } : {};
  return object('Pod', {
    spec: { containers: [app], ...spec },
    status: { phase: 'Pending', ...statuses, ...status },
  });
}

function waiting(reason: string, message = '', container: object = {}) {
  return pod({ state: { waiting: { reason, message } }, container });
}

function crashed(terminated: object, restartCount = 3, spec: object = {}) {
  const state = {
    waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s restarting failed container' },
  };
  return pod({ spec, state, container: { restartCount, lastState: { terminated } } });
}

const ready = { phase: 'Running', conditions: [condition('Ready', 'True')] };

function withSidecar(status: object) {
  const initContainers = [{ name: 'mesh', image: 'mesh:v1', restartPolicy: 'Always' }];
  return pod({ spec: { initContainers }, status: { initContainerStatuses: [{ name: 'mesh', ...status }] } });
}

function withInit(status: object) {
  const initContainers = [{ name: 'migrate', image: 'migrate:v1' }];
  return pod({
    spec: { initContainers },
    status: { initContainerStatuses: [{ name: 'migrate', ...status }] },
  });
}

const rows: Row[] = [
  ['that is ready', pod({ status: ready }), 'healthy', 'ready'],
  [
    'that runs and is never restarted',
    pod({ spec: { restartPolicy: 'Never' }, status: ready }),
    'progressing',
    'not completed',
  ],
  [
    'that is never restarted, with a failed container',
    pod({ spec: { restartPolicy: 'Never' }, state: { terminated: { exitCode: 3 } } }),
    'failed',
    'exited with code 3',
  ],
  [
    'whose container has a restart policy of its own',
    pod({
      spec: { restartPolicy: 'Never', containers: [{ ...app, restartPolicy: 'OnFailure' }] },
      state: { terminated: { exitCode: 3 } },
    }),
    'progressing',
    'exited with code 3',
  ],
  ['that has completed', pod({ status: { phase: 'Succeeded' } }), 'healthy', 'completed'],
  [
    'that waits for a node',
    pod({
      status: {
        conditions: [condition('PodScheduled', 'False', 'Unschedulable', '0/3 nodes are available')],
      },
    }),
    'progressing',
    'Unschedulable: 0/3 nodes are available',
  ],
  [
    'that waits for its scheduling gates',
    pod({ status: { conditions: [condition('PodScheduled', 'False', 'SchedulingGated', '')] } }),
    'progressing',
    'SchedulingGated',
  ],
  ['without containers yet', pod({}), 'progressing', 'waiting for its containers'],
  ['that is being created', waiting('ContainerCreating'), 'progressing', 'ContainerCreating'],
  [
    'that is evicted',
    pod({ status: { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' } }),
    'failed',
    'Evicted: The node was low on resource: memory.',
  ],
  [
    'whose phase is Failed',
    pod({
      spec: { restartPolicy: 'Never' },
      status: { phase: 'Failed' },
      state: { terminated: { exitCode: 2 } },
    }),
    'failed',
    'exited with code 2',
  ],
  [
    'with a wrong image name',
    waiting('InvalidImageName', "couldn't parse image name"),
    'failed',
    'image "web:v9" is not a valid name',
  ],
  [
    'with a missing secret',
    waiting('CreateContainerConfigError', 'secret "db" not found'),
    'failed',
    'CreateContainerConfigError: secret "db" not found',
  ],
  [
    'with a command that does not exist',
    waiting('RunContainerError', 'exec: "serve": not found'),
    'failed',
    'RunContainerError',
  ],
  [
    'in a crash loop',
    crashed({ exitCode: 1, reason: 'Error' }),
    'failed',
    'CrashLoopBackOff: exited with code 1, 3 restarts',
  ],
  [
    'that wrote a termination message',
    crashed({ exitCode: 1, message: 'starting\nno such table: loans\n' }),
    'failed',
    '"no such table: loans"',
  ],
  [
    'that exceeds its memory limit',
    crashed({ exitCode: 137, reason: 'OOMKilled' }, 1, {
      containers: [{ ...app, resources: { limits: { memory: '64Mi' } } }],
    }),
    'failed',
    'OOMKilled: exceeded its memory limit of 64Mi, 1 restart',
  ],
  ['without its command', crashed({ exitCode: 127 }), 'failed', 'code 127 (the command was not found)'],
  [
    'that runs briefly between two crashes',
    pod({
      state: { running: {} },
      container: { restartCount: 2, lastState: { terminated: { exitCode: 1 } } },
    }),
    'failed',
    'restarted again: exited with code 1',
  ],
  [
    'that starts after one restart',
    pod({ state: { running: {} }, container: { restartCount: 1 } }),
    'progressing',
    'running, not ready yet',
  ],
  [
    'whose init container runs',
    withInit({ state: { running: {} } }),
    'progressing',
    'container migrate: init container is running',
  ],
  [
    'whose init container is done',
    withInit({ ready: true, state: { terminated: { exitCode: 0 } } }),
    'progressing',
    'waiting for its containers',
  ],
  [
    'whose init container crashes',
    withInit({ restartCount: 2, state: { terminated: { exitCode: 3 } } }),
    'failed',
    'container migrate: exited with code 3, 2 restarts',
  ],
  [
    'whose sidecar is ready',
    withSidecar({ ready: true, started: true, state: { running: {} } }),
    'progressing',
    'waiting for its containers',
  ],
  [
    'whose sidecar is not ready',
    withSidecar({ ready: false, state: { running: {} } }),
    'progressing',
    'container mesh: running, not ready yet',
  ],
  [
    'whose sidecar has no image',
    withSidecar({ state: { waiting: { reason: 'ErrImagePull', message: 'not found' } } }),
    'failed',
    'container mesh: ErrImagePull: image "mesh:v1" not found',
  ],
  [
    'whose load balancer has not registered it',
    pod({
      spec: { readinessGates: [{ conditionType: 'lb/ready' }] },
      status: { phase: 'Running', conditions: [condition('ContainersReady', 'True')] },
    }),
    'progressing',
    'its readiness gate lb/ready is not true',
  ],
  [
    'that is being deleted',
    object('Pod', { metadata: { deletionTimestamp: 'now', finalizers: ['a/b'] } }),
    'terminating',
    'held by a/b',
  ],
];

describe('evaluates a pod', () => {
  test.each(rows)('%s', (_name, live, state, message) => {
    expect(healthOf(live)).toMatchObject({ state, message: expect.stringContaining(message) });
  });

  test('of a running Job is healthy when it is ready', () => {
    const metadata = { ownerReferences: [{ kind: 'Job', controller: true }] };
    const running = object('Pod', {
      metadata,
      spec: { restartPolicy: 'Never', containers: [app] },
      status: ready,
    });

    expect(healthOf(running).state).toBe('healthy');
  });
});

describe('an image that cannot be pulled', () => {
  test.each([
    [
      'rpc error: code = NotFound desc = failed to pull and unpack image: web:v9: not found',
      'image "web:v9" not found',
    ],
    ['manifest for web:v9 not found: manifest unknown: manifest unknown', 'image "web:v9" not found'],
    ['pull access denied, repository does not exist or may require authorization', 'the registry refused it'],
    ['unexpected status from HEAD request: 401 Unauthorized', 'the registry refused it'],
    ['toomanyrequests: You have reached your pull rate limit', "the registry's rate limit is reached"],
    ['dial tcp: lookup registry.example.com: no such host', 'the registry cannot be reached'],
    ['no match for platform in manifest: not found', "has no build for the node's platform"],
    ['Back-off pulling image "web:v9"', 'image "web:v9" cannot be pulled'],
    [
      'Back-off pulling image "web:v9": ErrImagePull: disk is full',
      'cannot be pulled: ErrImagePull: disk is full',
    ],
  ])('because of %j', (message, words) => {
    const verdict = healthOf(waiting('ImagePullBackOff', message));

    expect(verdict.state).toBe('failed');
    expect(verdict.message).toContain(`ImagePullBackOff: image "web:v9"`);
    expect(verdict.message).toContain(words);
  });

  test('is diagnosed by the message, not by words in the image name', () => {
    const spec = { containers: [{ name: 'app', image: 'denied/not-found:401' }] };
    const live = pod({
      spec,
      state: { waiting: { reason: 'ErrImagePull', message: 'denied/not-found:401: disk is full' } },
    });

    expect(healthOf(live).message).toContain('cannot be pulled');
  });
});
