import { describe, expect, test } from 'vitest';
import { createShelf } from '../../../../src/kube/live/shelf.ts';
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

describe('a shelf', () => {
  test('knows nothing before its list', () => {
    expect(createShelf().version()).toBeNaN();
  });

  test('holds what its list and the events after it say', () => {
    const shelf = createShelf();
    shelf.replace([object('a', '5'), object('b', '7'), object('other', '6', 'set-b')], '9');
    shelf.see('ADDED', object('c', '10'));
    shelf.see('MODIFIED', object('a', '11'));
    shelf.see('DELETED', object('b', '12'));

    expect(names(shelf.members('set-a', undefined))).toEqual(['a', 'c']);
    const versions = shelf.members('set-a', undefined).map(({ metadata }) => metadata.resourceVersion);
    expect(versions.sort()).toEqual(['10', '11']);
    expect(names(shelf.members('set-b', undefined))).toEqual(['other']);
    expect(shelf.version()).toBe(12);
  });

  test('is not set back by an event that its list has told of already', () => {
    const shelf = createShelf();
    shelf.replace([object('a', '8')], '9');
    shelf.see('MODIFIED', object('a', '7'));
    shelf.see('ADDED', object('deleted-before-the-list', '9'));

    expect(names(shelf.members('set-a', undefined))).toEqual(['a']);
    expect(shelf.members('set-a', undefined)[0]?.metadata.resourceVersion).toBe('8');
  });

  test('moves an object with its label', () => {
    const shelf = createShelf();
    shelf.replace([object('a', '5')], '5');
    shelf.see('MODIFIED', object('a', '6', 'set-b'));

    expect(shelf.members('set-a', undefined)).toEqual([]);
    expect(names(shelf.members('set-b', undefined))).toEqual(['a']);
  });

  test('tells namespaces apart', () => {
    const shelf = createShelf();
    shelf.replace([object('a', '5'), object('a', '6', 'set-a', 'other')], '6');

    expect(shelf.members('set-a', 'other').map(({ metadata }) => metadata.namespace)).toEqual(['other']);
    expect(shelf.members('set-a', undefined)).toHaveLength(2);
  });

  test('gives every reader an object of its own', () => {
    const shelf = createShelf();
    shelf.replace([object('a', '5')], '5');
    const [mine] = shelf.members('set-a', undefined);
    if (mine) mine.metadata.name = 'changed';

    expect(names(shelf.members('set-a', undefined))).toEqual(['a']);
  });

  test('whose versions are no numbers never says up to where it knows', () => {
    const shelf = createShelf();
    shelf.replace([object('a', 'x1')], 'x1');
    expect(shelf.version()).toBeNaN();
    shelf.see('MODIFIED', object('a', 'x2'));
    expect(shelf.version()).toBeNaN();
  });

  test('counts what it keeps, and no longer what it dropped', () => {
    const shelf = createShelf();
    shelf.replace([object('a', '5'), object('b', '6')], '6');
    const two = shelf.size();
    shelf.see('MODIFIED', object('a', '7'));
    expect(shelf.size()).toBe(two);
    shelf.see('DELETED', object('b', '8'));
    expect(shelf.size()).toBe(two / 2);
  });
});
