import { describe, expect, test, vi } from 'vitest';
import { SlipwayError } from '../../../../src/errors.ts';
import {
  createInventoryCache,
  type InventoryCacheLimits,
} from '../../../../src/kube/live/inventory-cache.ts';
import type { Follower } from '../../../../src/kube/watch/watch-hub.ts';
import type { JsonObject, KubeObject } from '../../../../src/model/object.ts';

const path = '/api/v1/namespaces/loans/services';

function service(name: string, version: string, namespace = 'loans'): KubeObject {
  const labels = { 'applyset.kubernetes.io/part-of': 'set' };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels, resourceVersion: version },
  };
}

/** A hub whose streams the test plays, and a server whose list the test returns. */
function fixture(limits?: Partial<InventoryCacheLimits>) {
  const followers = new Map<string, Follower>();
  const list = Promise.withResolvers<JsonObject>();
  const client = { request: vi.fn(async () => ({ status: 200, headers: {}, body: await list.promise })) };
  const hub = {
    follow(follower: Follower) {
      followers.set(follower.path, follower);
      return () => void followers.delete(follower.path);
    },
  };
  const members = createInventoryCache(client, hub, { namespaces: 2, characters: 10_000, ...limits });
  const stream = (of = path): Follower => {
    const follower = followers.get(of);
    if (!follower) throw new Error(`nobody follows ${of}`);
    return follower;
  };
  const names = (of = path) => members.known(of, 'set')?.objects.map(({ metadata }) => metadata.name);
  return { members, followers, stream, names, list, client };
}

function list(follower: Follower, objects: KubeObject[], version: string): void {
  const reader = follower.startList();
  for (const object of objects) reader.page([object]);
  reader.end(version);
}

describe('members', () => {
  test('are known once their stream has listed them and is up', () => {
    const { members, stream, names } = fixture();
    members.follow(path);
    expect(names()).toBeUndefined();
    list(stream(), [service('a', '5')], '6');
    expect(names()).toBeUndefined();
    stream().onState(undefined);
    expect(members.known(path, 'set')).toMatchObject({ version: 6, objects: [{ metadata: { name: 'a' } }] });
  });

  test('are not known while their stream is down', () => {
    const { members, stream, names } = fixture();
    members.follow(path);
    list(stream(), [service('a', '5')], '6');
    stream().onState(undefined);
    stream().onState(new SlipwayError('CLUSTER_UNREACHABLE', 'cut'));
    expect(names()).toBeUndefined();
    stream().onState(undefined);
    expect(names()).toEqual(['a']);
  });

  test('of a stream that ran before are listed, and events that arrive meanwhile are applied after the list', async () => {
    const { members, stream, names, list } = fixture();
    members.follow(path);
    stream().onState(undefined);
    stream().onJoined();
    stream().onEvent('DELETED', service('a', '8'));
    stream().onEvent('ADDED', service('b', '9'));
    expect(names()).toBeUndefined();
    list.resolve({
      kind: 'ServiceList',
      apiVersion: 'v1',
      metadata: { resourceVersion: '7' },
      items: [service('a', '5')],
    });
    await expect.poll(() => names()).toEqual(['b']);
  });

  test('of Secrets are not kept', () => {
    const { members, followers } = fixture();
    members.follow('/api/v1/namespaces/loans/secrets');
    members.follow('/api/v1/secrets');
    expect([...followers]).toEqual([]);
  });

  test('of many namespaces share one cluster-wide stream and are kept apart by namespace', () => {
    const { members, followers, stream, names } = fixture();
    const paths = ['one', 'two', 'three', 'four'].map((name) => `/api/v1/namespaces/${name}/services`);
    for (const one of paths) members.follow(one);
    expect([...followers.keys()]).toEqual([paths[0], paths[1], '/api/v1/services']);
    list(stream('/api/v1/services'), [service('a', '5', 'three'), service('b', '6', 'four')], '6');
    stream('/api/v1/services').onState(undefined);
    expect(names(paths[2])).toEqual(['a']);
    expect(names(paths[3])).toEqual(['b']);
  });

  test('of a namespace have a stream of their own if the whole cluster may not be watched', () => {
    const { members, followers, stream } = fixture({ namespaces: 0 });
    members.follow(path);
    stream('/api/v1/services').onEnd(new SlipwayError('CLUSTER_FORBIDDEN', 'no'));
    members.follow(path);
    expect([...followers.keys()]).toEqual([path]);
    stream().onEnd(new SlipwayError('CLUSTER_FORBIDDEN', 'no'));
    members.follow(path);
    expect([...followers]).toEqual([]);
  });

  test('that exceed the limit are no longer kept', () => {
    const { members, followers, stream, names } = fixture({ characters: 300 });
    members.follow(path);
    list(stream(), [service('a', '5')], '6');
    stream().onState(undefined);
    expect(names()).toEqual(['a']);
    stream().onEvent('ADDED', service('b', '7'));
    expect(names()).toBeUndefined();
    expect([...followers]).toEqual([]);
  });
});
