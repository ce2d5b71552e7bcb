import { describe, expect, test } from 'vitest';
import { SlipwayError } from '../../../../src/errors.ts';
import { selectorText } from '../../../../src/kube/diagnose/owner.ts';
import { createReader, type Reader } from '../../../../src/kube/diagnose/reader.ts';
import { diagnose } from '../../../../src/kube/diagnose/reason.ts';
import { describeReason } from '../../../../src/model/describe-failure.ts';
import type { JsonObject, KubeObject } from '../../../../src/model/object.ts';
import { condition, object } from '../../health/objects.ts';

/** A cluster with these objects; lists ignore selectors, so only owners decide. */
function cluster(lists: {
  statefulsets?: KubeObject[];
  replicasets?: KubeObject[];
  pods?: KubeObject[];
  events?: object[];
}): Reader {
  const { statefulsets = [], replicasets = [], pods = [], events = [] } = lists;
  return {
    async list(path, query) {
      if (path.endsWith('/statefulsets')) return statefulsets;
      if (/\/(deployments|daemonsets|jobs)$/.test(path)) return [];
      if (path.endsWith('/replicasets')) return replicasets;
      if (path.endsWith('/pods')) return pods;
      const about = String(query.fieldSelector);
      const found = events.filter((event) => about.includes(`=${(event as { uid: string }).uid},`));
      return found.map((event) => ({ apiVersion: 'v1', kind: 'Event', metadata: {}, ...event }));
    },
  };
}

/** The diagnosis as a text, as statuses show it. */
async function reasonOf(
  ...args: Parameters<typeof diagnose>
): Promise<{ message: string; lasting: boolean }> {
  const { summary, causes, lasting } = await diagnose(...args);
  return { message: describeReason({ code: 'UNHEALTHY', summary, details: { causes } }), lasting };
}

function event(uid: string, reason: string, message: string, lastTimestamp: string): object {
  return { uid, reason, message, lastTimestamp };
}

function owned(
  kind: string,
  uid: string,
  owner: string,
  fields: { spec?: object; status?: object; metadata?: object },
) {
  const ownerReferences = [{ kind: 'Owner', uid: owner, controller: true }];
  return object(kind, { ...fields, metadata: { name: uid, uid, ownerReferences, ...fields.metadata } });
}

function replicaSet(uid: string, revision: number, readyReplicas = 0, more: object = {}) {
  const annotations = { 'deployment.kubernetes.io/revision': String(revision) };
  return owned('ReplicaSet', uid, 'd', {
    metadata: { annotations },
    status: { observedGeneration: 2, readyReplicas, ...more },
  });
}

function pod(uid: string, owner: string, waiting: object, metadata: object = {}) {
  const spec = { containers: [{ name: 'app', image: 'web:v9' }] };
  const containerStatuses = [{ name: 'app', state: { waiting } }];
  return owned('Pod', uid, owner, { metadata, spec, status: { phase: 'Pending', containerStatuses } });
}

const deployment = object('Deployment', {
  metadata: { uid: 'd' },
  spec: { replicas: 3, selector: { matchLabels: { app: 'web' } } },
  status: { observedGeneration: 2, replicas: 4, updatedReplicas: 1, readyReplicas: 3, availableReplicas: 3 },
});

const missing = { reason: 'ImagePullBackOff', message: 'web:v9: not found' };
const crash = { reason: 'CrashLoopBackOff' };
const creating = { reason: 'ContainerCreating' };

describe('the reason of a Deployment', () => {
  test('names the pod and the image that cannot be pulled as values, and the container if there are several', async () => {
    const one = pod('new-1', 'new', missing);
    const containers = [
      { name: 'app', image: 'web:v9' },
      { name: 'proxy', image: 'proxy:1' },
    ];
    const several = { ...one, spec: { containers } };
    const summary = 'ImagePullBackOff: image "web:v9" not found';
    const replicasets = [replicaSet('new', 10)];

    expect((await diagnose(cluster({ replicasets, pods: [one] }), deployment)).causes).toEqual([
      { pod: 'new-1', image: 'web:v9', summary },
    ]);
    expect((await diagnose(cluster({ replicasets, pods: [several] }), deployment)).causes).toEqual([
      { pod: 'new-1', container: 'app', image: 'web:v9', summary },
    ]);
  });

  test('comes from its newest revision, not from older ones or from pods of others', async () => {
    const reader = cluster({
      replicasets: [replicaSet('old', 9, 3), replicaSet('new', 10)],
      pods: [pod('old-1', 'old', crash), pod('stranger-1', 'stranger', crash), pod('new-1', 'new', missing)],
    });

    expect(await reasonOf(reader, deployment)).toEqual({
      message: '0 of 3 pods ready; pod new-1: ImagePullBackOff: image "web:v9" not found',
      lasting: true,
    });
  });

  test('is the pod that fails permanently rather than one that is starting', async () => {
    const pods = [pod('new-1', 'new', creating), pod('new-2', 'new', crash)];
    const { message } = await reasonOf(cluster({ replicasets: [replicaSet('new', 1, 1)], pods }), deployment);

    expect(message).toBe('1 of 3 pods ready; pod new-2: CrashLoopBackOff: exited for an unknown reason');
  });

  test('ignores a pod that is being deleted', async () => {
    const pods = [pod('new-1', 'new', crash, { deletionTimestamp: 'now' })];
    const reason = await reasonOf(cluster({ replicasets: [replicaSet('new', 1)], pods }), deployment);

    expect(reason).toEqual({ message: '0 of 3 pods ready; 1 of 3 pods updated', lasting: false });
  });

  test('is the rejection of its pods', async () => {
    const conditions = [condition('ReplicaFailure', 'True', 'FailedCreate', 'exceeded quota: small')];
    const reason = await reasonOf(
      cluster({ replicasets: [replicaSet('new', 1, 0, { conditions })] }),
      deployment,
    );

    expect(reason).toEqual({
      message: '0 of 3 pods ready; FailedCreate: exceeded quota: small',
      lasting: true,
    });
  });

  test('is the newest warning about its ReplicaSet if it has no pod', async () => {
    const events = [
      event('new', 'FailedCreate', 'old words', '2026-01-01T00:00:00Z'),
      event('new', 'FailedCreate', 'admission webhook "x" denied the request', '2026-01-02T00:00:00Z'),
      event('other', 'FailedCreate', 'of another', '2026-01-03T00:00:00Z'),
    ];
    const reason = await reasonOf(cluster({ replicasets: [replicaSet('new', 1)], events }), deployment);

    expect(reason.message).toBe('0 of 3 pods ready; FailedCreate: admission webhook "x" denied the request');
  });

  test('is its own message if nothing else is known', async () => {
    expect(await reasonOf(cluster({}), deployment)).toEqual({
      message: '1 of 3 pods updated',
      lasting: false,
    });
  });

  test('comes from the event if the kubelet reports only a back-off', async () => {
    const eventMessage = 'Failed to pull image "web:v9": rpc error: toomanyrequests';
    const reader = cluster({
      replicasets: [replicaSet('new', 1)],
      pods: [pod('new-1', 'new', { reason: 'ImagePullBackOff', message: 'Back-off pulling image "web:v9"' })],
      events: [event('new-1', 'Failed', eventMessage, '2026-01-01T00:00:00Z')],
    });

    const { message } = await reasonOf(reader, deployment);
    expect(message).toBe(
      '0 of 3 pods ready; pod new-1: ImagePullBackOff: image "web:v9": the registry\'s rate limit is reached',
    );
  });

  test('contains no value of its environment', async () => {
    const env = [{ name: 'KEY', value: 'swordfish' }];
    const spec = {
      ...(deployment.spec as JsonObject),
      template: { spec: { containers: [{ name: 'app', env }] } },
    };
    const events = [event('new', 'FailedCreate', 'Invalid value: "swordfish"', '2026-01-01T00:00:00Z')];
    const { message } = await reasonOf(cluster({ replicasets: [replicaSet('new', 1)], events }), {
      ...deployment,
      spec,
    });

    expect(message).toBe('0 of 3 pods ready; FailedCreate: Invalid value: "***"');
  });
});

describe('the reason of a StatefulSet', () => {
  const set = object('StatefulSet', {
    metadata: { uid: 's' },
    spec: { replicas: 2, selector: {} },
    status: { observedGeneration: 2, replicas: 2, readyReplicas: 1, updateRevision: 'b' },
  });
  const at = (revision: string) => ({ labels: { 'controller-revision-hash': revision } });

  test('is its updated pod', async () => {
    const pods = [pod('db-0', 's', crash, at('a')), pod('db-1', 's', missing, at('b'))];

    expect((await reasonOf(cluster({ pods }), set)).message).toContain('pod db-1: ImagePullBackOff');
  });

  test('is an old pod that blocks the update', async () => {
    const pods = [pod('db-0', 's', crash, at('a'))];

    expect((await reasonOf(cluster({ pods }), set)).message).toContain('pod db-0: CrashLoopBackOff');
  });

  test('is its revision, which no file holds, and the command that deletes it', async () => {
    const pods = [pod('db-1', 's', missing, at('a')), pod('db-2', 's', crash, at('a'))];
    const { summary, causes, hint, lasting } = await diagnose(cluster({ pods }), set);

    expect(summary).toBe(
      'pod db-1 is of an older revision and not ready, and blocks the update: kubectl delete pod db-1 -n loans',
    );
    expect(causes).toEqual([
      { pod: 'db-1', summary: 'ImagePullBackOff: image "web:v9" not found (revision a)' },
    ]);
    expect(hint).toContain('slipway.dev/replace-stuck-pods: allowed');
    expect(lasting).toBe(true);
  });

  test.each<[string, object]>([
    ['pods are replaced in any order', { podManagementPolicy: 'Parallel' }],
    ['a person deletes old pods', { updateStrategy: { type: 'OnDelete' } }],
    [
      'a partition keeps the pod at the old revision',
      { updateStrategy: { rollingUpdate: { partition: 1 } } },
    ],
  ])('is no blocked update if %s', async (_, spec) => {
    const changed = { ...set, spec: { ...(set.spec as object), ...spec } };
    const pods = [pod('db-0', 's', crash, at('a'))];

    expect((await diagnose(cluster({ pods }), changed)).hint).toBeUndefined();
  });
});

describe('the reason of a Job', () => {
  const running = object('Job', { metadata: { uid: 'j' }, spec: { selector: {} }, status: { active: 1 } });
  const tried = (status: object) => {
    const ownerReferences = [{ kind: 'Job', uid: 'j', controller: true }];
    const spec = { restartPolicy: 'Never', containers: [{ name: 'app', image: 'web:v9' }] };
    return object('Pod', { metadata: { name: 'try-1', ownerReferences }, spec, status });
  };

  test('that retries is not lasting, however its attempts end', async () => {
    const containerStatuses = [{ name: 'app', state: { terminated: { exitCode: 1 } } }];
    const pods = [tried({ phase: 'Failed', containerStatuses })];

    expect(await reasonOf(cluster({ pods }), running)).toEqual({
      message: '0 of 1 pods succeeded, 1 running; pod try-1: exited with code 1',
      lasting: false,
    });
  });

  test('that restarts a container is not lasting', async () => {
    const containerStatuses = [{ name: 'app', restartCount: 3, state: { waiting: crash } }];

    expect((await reasonOf(cluster({ pods: [tried({ containerStatuses })] }), running)).lasting).toBe(false);
  });

  test('that cannot start is lasting', async () => {
    const containerStatuses = [{ name: 'app', state: { waiting: missing } }];

    expect((await reasonOf(cluster({ pods: [tried({ containerStatuses })] }), running)).lasting).toBe(true);
  });
});

describe('the reason of a custom resource', () => {
  const database = {
    ...object('Cluster', { metadata: { uid: 'db' }, status: { phase: 'Setting up primary' } }),
    apiVersion: 'postgresql.cnpg.io/v1',
  };

  test('is that of the pod that its controller created', async () => {
    const reader = cluster({ pods: [pod('web-1', 'other', crash), pod('db-1', 'db', missing)] });

    expect((await reasonOf(reader, database)).message).toMatch(
      /Setting up primary.*; Pod db-1: ImagePullBackOff: image "web:v9" not found$/,
    );
  });

  test('follows the workload that its controller created', async () => {
    const spec = { replicas: 1, selector: { matchLabels: { app: 'db' } } };
    const set = owned('StatefulSet', 'db-set', 'db', {
      spec,
      status: { observedGeneration: 2, replicas: 1 },
    });
    const reader = cluster({ statefulsets: [set], pods: [pod('db-0', 'db-set', missing)] });

    expect((await reasonOf(reader, database)).message).toMatch(
      /; StatefulSet db-set: 0 of 1 pods ready; pod db-0: ImagePullBackOff: image "web:v9" not found$/,
    );
  });
});

describe('the reason of anything else', () => {
  test('is its newest warning', async () => {
    const claim = object('PersistentVolumeClaim', {
      metadata: { uid: 'c' },
      spec: { storageClassName: 'fast' },
    });
    const events = [
      event('c', 'ProvisioningFailed', 'storageclass "fast" not found', '2026-01-01T00:00:00Z'),
    ];

    expect((await reasonOf(cluster({ events }), claim)).message).toBe(
      'not bound to a volume yet; ProvisioningFailed: storageclass "fast" not found',
    );
  });

  test('of a Job is stated once if its condition and an event say the same', async () => {
    const late = 'Job was active longer than specified deadline';
    const job = object('Job', {
      metadata: { uid: 'j' },
      status: { conditions: [condition('Failed', 'True', 'DeadlineExceeded', late)] },
    });
    const events = [event('j', 'DeadlineExceeded', late, '2026-01-01T00:00:00Z')];

    expect((await reasonOf(cluster({ events }), job)).message).toBe(`DeadlineExceeded: ${late}`);
  });

  test('is stated once if a condition and an event say the same', async () => {
    const autoscaler = object('HorizontalPodAutoscaler', {
      metadata: { uid: 'h' },
      status: {
        conditions: [condition('AbleToScale', 'False', 'FailedGetScale', 'no scale: "web" not found')],
      },
    });
    const reader = cluster({
      events: [event('h', 'FailedGetScale', '"web" not found', '2026-01-01T00:00:00Z')],
    });

    expect((await reasonOf(reader, autoscaler)).message).toBe('FailedGetScale: no scale: "web" not found');
  });
});

describe('reading for a reason', () => {
  const failing = (error: unknown) => ({ request: () => Promise.reject(error) });

  test('without permission returns a shorter reason and no error', async () => {
    const client = failing(new SlipwayError('CLUSTER_FORBIDDEN', 'no'));
    const reader = createReader(client, new AbortController().signal);

    expect(await reasonOf(reader, deployment)).toEqual({ message: '1 of 3 pods updated', lasting: false });
  });

  test('stops when it is aborted', async () => {
    const reason = new Error('superseded');
    const reader = createReader(failing(reason), AbortSignal.abort(reason));

    await expect(reasonOf(reader, deployment)).rejects.toBe(reason);
  });
});

test('a label selector is written in the syntax of the API', () => {
  const matchExpressions = [
    { key: 'tier', operator: 'In', values: ['a', 'b'] },
    { key: 'zone', operator: 'NotIn', values: ['x'] },
    { key: 'team', operator: 'Exists' },
    { key: 'old', operator: 'DoesNotExist' },
  ];

  expect(selectorText({ matchLabels: { app: 'web' }, matchExpressions })).toBe(
    'app=web,tier in (a,b),zone notin (x),team,!old',
  );
});
