import { describe, expect, test } from 'vitest';
import { createCachedCollection } from '../../../../src/kube/live/cached-collection.ts';
import type { KubeObject } from '../../../../src/model/object.ts';

function object(name: string, version: string, setId = 'set-a', namespace = 'loans'): KubeObject {
  const labels = { 'applyset.kubernetes.io/part-of': setId };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels, resourceVersion: version },
  };
}

const names = (objects: KubeObject[]) => objects.map(({ metadata }) => metadata.name).sort();

describe('a cached collection', () => {
  test('knows nothing before its list', () => {
    expect(createCachedCollection().version()).toBeNaN();
  });

  test('holds its list as later events have changed it', () => {
    const cached = createCachedCollection();
    cached.replace([object('a', '5'), object('b', '7'), object('other', '6', 'set-b')], '9');
    cached.see('ADDED', object('c', '10'));
    cached.see('MODIFIED', object('a', '11'));
    cached.see('DELETED', object('b', '12'));

    expect(names(cached.members('set-a', undefined))).toEqual(['a', 'c']);
    const versions = cached.members('set-a', undefined).map(({ metadata }) => metadata.resourceVersion);
    expect(versions.sort()).toEqual(['10', '11']);
    expect(names(cached.members('set-b', undefined))).toEqual(['other']);
    expect(cached.version()).toBe(12);
  });

  test('is not set back by an event that its list has already', () => {
    const cached = createCachedCollection();
    cached.replace([object('a', '8')], '9');
    cached.see('MODIFIED', object('a', '7'));
    cached.see('ADDED', object('deleted-before-the-list', '9'));

    expect(names(cached.members('set-a', undefined))).toEqual(['a']);
    expect(cached.members('set-a', undefined)[0]?.metadata.resourceVersion).toBe('8');
  });

  test('moves an object with its label', () => {
    const cached = createCachedCollection();
    cached.replace([object('a', '5')], '5');
    cached.see('MODIFIED', object('a', '6', 'set-b'));

    expect(cached.members('set-a', undefined)).toEqual([]);
    expect(names(cached.members('set-b', undefined))).toEqual(['a']);
  });

  test('keeps namespaces apart', () => {
    const cached = createCachedCollection();
    cached.replace([object('a', '5'), object('a', '6', 'set-a', 'other')], '6');

    expect(cached.members('set-a', 'other').map(({ metadata }) => metadata.namespace)).toEqual(['other']);
    expect(cached.members('set-a', undefined)).toHaveLength(2);
  });

  test('gives every reader a copy of its own', () => {
    const cached = createCachedCollection();
    cached.replace([object('a', '5')], '5');
    const [mine] = cached.members('set-a', undefined);
    if (mine) mine.metadata.name = 'changed';

    expect(names(cached.members('set-a', undefined))).toEqual(['a']);
  });

  test('whose versions are no numbers has no known version', () => {
    const cached = createCachedCollection();
    cached.replace([object('a', 'x1')], 'x1');
    expect(cached.version()).toBeNaN();
    cached.see('MODIFIED', object('a', 'x2'));
    expect(cached.version()).toBeNaN();
  });

  test('counts what it keeps, and not what it dropped', () => {
    const cached = createCachedCollection();
    cached.replace([object('a', '5'), object('b', '6')], '6');
    const two = cached.size();
    cached.see('MODIFIED', object('a', '7'));
    expect(cached.size()).toBe(two);
    cached.see('DELETED', object('b', '8'));
    expect(cached.size()).toBe(two / 2);
  });
});
