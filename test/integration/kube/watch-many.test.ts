import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { apiError } from '../../../src/kube/client/api-error.ts';
import { createKubeClient, type KubeClient, type KubeRequest } from '../../../src/kube/client/client.ts';
import { clusterDefaults } from '../../../src/kube/input.ts';
import { inParallel } from '../../../src/kube/parallel.ts';
import { createWatchHub, type Follower } from '../../../src/kube/watch/watch-hub.ts';
import { textAt } from '../../../src/model/json.ts';
import type { KubeObject } from '../../../src/model/object.ts';
import { uniqueNamespace } from '../../support/sandbox.ts';
import { eventually } from '../../support/slipway.ts';
import { definition, definitionPath } from './custom-kind.ts';
import { createCuttingProxy } from './cutting-proxy.ts';
import { sandboxClient } from './verify-setup.ts';

/** The number of objects and the size of each: 20 MB in total. */
const count = 5_000;
const ballast = 'x'.repeat(4_000);

const namespace = uniqueNamespace('many');
const group = `${namespace}.example.com`;
const path = `/apis/${group}/v1/namespaces/${namespace}/loans`;
const numbers = Array.from({ length: count }, (_, index) => index);
const admin = sandboxClient();
const proxy = await createCuttingProxy();
const direct = createKubeClient({ name: 'sandbox', kubeconfig: proxy.kubeconfig, ...clusterDefaults });

beforeAll(async () => {
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
  await admin.request({ method: 'POST', path: '/api/v1/namespaces', body });
  // The kind is newer than its cluster, so that older versions have expired.
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  await admin.request({ method: 'POST', path: definitions, body: definition('Loan', 'loans', group) });
  await eventually('the kind', () => admin.request({ path }));
  await inParallel(numbers, 24, (number) => write(number, 'first'));
});

afterAll(async () => {
  await admin.request({ method: 'DELETE', path: definitionPath('loans', group) });
  await admin.request({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` });
  await Promise.all([admin.close(), direct.close()]);
  await proxy.close();
});

function nameOf(number: number): string {
  return `item-${String(number).padStart(4, '0')}`;
}

async function write(number: number, state: string): Promise<void> {
  const metadata = { name: nameOf(number), labels: { team: 'loans', state } };
  await admin.request({
    method: 'PATCH',
    path: `${path}/${nameOf(number)}`,
    query: { fieldManager: 'test', force: true },
    contentType: 'application/apply-patch+yaml',
    body: { apiVersion: `${group}/v1`, kind: 'Loan', metadata, spec: { ballast } },
  });
}

async function remove(number: number): Promise<void> {
  await admin.request({ method: 'DELETE', path: `${path}/${nameOf(number)}` });
}

/** A follower's state: each object by its name. */
function createMirror() {
  const known = new Map<string, string>();
  const mirror = { known, lists: 0, joined: 0, biggestPage: 0, follower: undefined as Follower | undefined };
  const stateOf = (object: KubeObject) => textAt(object, 'metadata', 'labels', 'state');
  const follower: Follower = {
    path,
    labelSelector: 'team=loans',
    since: undefined,
    mayWiden: false,
    startList() {
      const found = new Map<string, string>();
      return {
        page(objects) {
          mirror.biggestPage = Math.max(mirror.biggestPage, objects.length);
          for (const object of objects) found.set(String(object.metadata.name), stateOf(object));
        },
        end() {
          mirror.lists += 1;
          known.clear();
          for (const [name, state] of found) known.set(name, state);
        },
      };
    },
    onEvent(type, object) {
      if (type === 'DELETED') known.delete(String(object.metadata.name));
      else known.set(String(object.metadata.name), stateOf(object));
    },
    onJoined: () => {
      mirror.joined += 1;
    },
    onState: () => undefined,
    onEnd: (error) => {
      throw error;
    },
  };
  return { ...mirror, mirror, follower };
}

/** The real client, with an action at a given point of the traffic. */
function between(at: {
  page?: (request: KubeRequest) => Promise<void>;
  watch?: () => string | undefined;
}): Pick<KubeClient, 'request' | 'watch'> {
  return {
    async request(request) {
      await at.page?.(request);
      return direct.request(request);
    },
    watch(request, onEvent) {
      const forgotten = at.watch?.();
      const query = forgotten ? { ...request.query, resourceVersion: forgotten } : request.query;
      return direct.watch({ ...request, ...(query ? { query } : {}) }, onEvent);
    },
  };
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

function heldBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

async function truth(): Promise<Map<string, string>> {
  const query = { labelSelector: 'team=loans' };
  const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
  const { body } = await admin.request({ path, query, accept });
  const items = body.items as { metadata: { name: string; labels: { state: string } } }[];
  return new Map(items.map(({ metadata }) => [metadata.name, metadata.labels.state]));
}

test('lists five thousand objects in pages, and holds none of them', async () => {
  const hub = createWatchHub(between({}));
  const { mirror, follower } = createMirror();
  const before = heldBytes();
  const leave = hub.follow(follower);
  await eventually('the list', async () => mirror.known.size === count);
  await write(7, 'second');
  await eventually('the change', async () => mirror.known.get(nameOf(7)) === 'second');

  expect(heldBytes() - before).toBeLessThan(10_000_000);

  expect(mirror.biggestPage).toBe(500);
  leave();
  hub.close();
});

test('a change is not missed while the stream is cut, the list is cut, or the server forgets the version', async () => {
  let [pages, forgets] = [0, false];
  const client = between({
    async page() {
      pages += 1;
      forgets = false;
      // During the second list: objects already read change, and the connection is cut.
      if (pages === 14) {
        await Promise.all([write(0, 'while-listed'), remove(1)]);
        proxy.cut();
      }
    },
    watch: () => (forgets ? '1' : undefined),
  });
  const hub = createWatchHub(client);
  const { mirror, follower } = createMirror();
  const leave = hub.follow(follower);
  await eventually('the first list', async () => mirror.lists === 1);
  proxy.cut();
  await inParallel(numbers.slice(100, 400), 24, (number) => write(number, 'while-cut'));
  proxy.shut();
  await inParallel(numbers.slice(400, 600), 24, (number) => write(number, 'while-shut'));
  await inParallel(numbers.slice(600, 700), 24, remove);
  forgets = true;
  proxy.open();
  await eventually('the second list', async () => mirror.lists === 2);
  await write(count, 'new');
  await eventually('the last change', async () => mirror.known.get(nameOf(count)) === 'new');

  expect(mirror.known).toEqual(await truth());

  expect(pages).toBeGreaterThan(20);
  leave();
  hub.close();
});

test('a list that expires between two pages starts again, and no object is taken for deleted', async () => {
  const { mirror, follower } = createMirror();
  let [pages, refused] = [0, 0];
  const hub = createWatchHub(
    between({
      async page({ query }) {
        pages += 1;
        if (pages !== 6) return;
        refused += 1;
        const status = {
          kind: 'Status',
          code: 410,
          reason: 'Expired',
          message: 'The provided continue parameter is too old',
        };
        expect(query?.continue).toBeDefined();
        throw apiError({ method: 'GET', path }, 410, JSON.stringify(status), undefined);
      },
    }),
  );
  const leave = hub.follow(follower);

  await eventually('the list', async () => mirror.lists === 1);

  expect(refused).toBe(1);
  expect(mirror.known).toEqual(await truth());
  leave();
  hub.close();
});

test('a follower that joins during a list does not take earlier objects for deleted', async () => {
  const { mirror: early, follower } = createMirror();
  const { mirror: late, follower: lateFollower } = createMirror();
  let pages = 0;
  const hub = createWatchHub(
    between({
      async page() {
        pages += 1;
        if (pages === 4) hub.follow(lateFollower);
      },
    }),
  );
  hub.follow(follower);

  await eventually('the list', async () => early.lists === 1);

  expect([late.joined, late.lists, late.known.size]).toEqual([1, 0, 0]);
  hub.close();
});
