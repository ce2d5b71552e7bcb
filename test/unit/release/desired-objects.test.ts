import { expect, test } from 'vitest';
import { SlipwayError } from '../../../src/errors.ts';
import type { ErrorCode } from '../../../src/model/error-code.ts';
import type { RenderedObject } from '../../../src/model/object.ts';
import type { Tree } from '../../../src/model/tree.ts';
import { createDesiredObjects } from '../../../src/release/desired-objects.ts';
import type { ReleaseMirrors } from '../../../src/release/fetching.ts';
import { aTarget } from '../../support/targets.ts';

type Ports = Parameters<typeof createDesiredObjects>[0];

const target = aTarget({ app: 'web' });
const desired = { commit: 'abc', contentKey: 'key' };
const shared: RenderedObject = {
  object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'shared', namespace: 'loans' } },
  source: { file: 'web.yaml', line: 3 },
};

/** Mirrors that have every commit; with `code`, a fetch fails. */
function mirrorsThat(code?: ErrorCode, fetches: string[] = []): ReleaseMirrors {
  const mirror = {
    has: async () => code === undefined,
    async ensure(commit: string) {
      fetches.push(commit);
      if (code) throw new SlipwayError(code, 'it failed');
    },
    messages: async () => [],
    tree: () => ({}) as Tree,
  };
  return { open: () => mirror };
}
const mirrors = mirrorsThat();

/** Counts how often something is rendered; with `code`, every render fails. */
function counting(code?: ErrorCode) {
  const count = { renders: 0 };
  const ports = {
    mirrors,
    clusters: { get: () => ({}) },
    policy: { assignNamespaces: async (_target: unknown, objects: RenderedObject[]) => ({ objects }) },
    renderer: {
      async render() {
        count.renders += 1;
        if (code) throw new SlipwayError(code, 'it failed');
        return { objects: [shared], skipped: [], cached: false };
      },
    },
  } as unknown as Ports;
  return { count, objects: createDesiredObjects(ports) };
}

test('an app is rendered once for all others that ask at the same time or later', async () => {
  const { count, objects } = counting();
  await Promise.all([objects.of(target, desired, mirrors), objects.of(target, desired, mirrors)]);
  const places = await objects.of(target, { ...desired, commit: 'def' }, mirrors);
  expect([...places]).toEqual([['/ConfigMap/loans/shared', shared.source]]);
  expect(count.renders).toBe(1);
});

test('another content of the same app is rendered anew', async () => {
  const { count, objects } = counting();
  await objects.of(target, desired, mirrors);
  await objects.of(target, { ...desired, contentKey: 'other' }, mirrors);
  expect(count.renders).toBe(2);
});

test('a mistake in the files is remembered, and an error that may pass is not', async () => {
  for (const [code, renders] of [
    ['RENDER_FAILED', 1],
    ['GIT_UNREACHABLE', 2],
  ] as const) {
    const { count, objects } = counting(code);
    await expect(objects.of(target, desired, mirrors)).rejects.toThrow('it failed');
    await expect(objects.of(target, desired, mirrors)).rejects.toThrow('it failed');
    expect(count.renders).toBe(renders);
  }
});

test.each<[ErrorCode, number]>([
  ['COMMIT_MISSING', 1],
  ['GIT_UNREACHABLE', 2],
  ['SUPERSEDED', 2],
])('%s of the fetch is remembered only if no later one can succeed', async (code, most) => {
  const fetches: string[] = [];
  const failing = mirrorsThat(code, fetches);
  const { count, objects } = counting();
  for (let asked = 0; asked < 2; asked += 1) {
    await expect(objects.of(target, desired, failing)).rejects.toThrow('it failed');
  }
  expect([fetches.length, count.renders]).toEqual([most, 0]);
});
