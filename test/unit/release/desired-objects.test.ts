import { expect, test } from 'vitest';
import { SlipwayError } from '../../../src/errors.ts';
import type { ErrorCode } from '../../../src/model/error-code.ts';
import type { RenderedObject } from '../../../src/model/object.ts';
import { createDesiredObjects } from '../../../src/release/desired-objects.ts';
import { aTarget } from '../../support/targets.ts';

type Ports = Parameters<typeof createDesiredObjects>[0];

const target = aTarget({ app: 'web' });
const desired = { commit: 'abc', contentKey: 'key' };
const shared: RenderedObject = {
  object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'shared', namespace: 'loans' } },
  source: { file: 'web.yaml', line: 3 },
};

/** Counts how often something is rendered; with `code`, every render fails. */
function counting(code?: ErrorCode) {
  const count = { renders: 0 };
  const ports = {
    mirrors: { open: () => ({ ensure: async () => {}, tree: () => ({}) }) },
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
  await Promise.all([objects.of(target, desired), objects.of(target, desired)]);
  const places = await objects.of(target, { ...desired, commit: 'def' });
  expect([...places]).toEqual([['/ConfigMap/loans/shared', shared.source]]);
  expect(count.renders).toBe(1);
});

test('another content of the same app is rendered anew', async () => {
  const { count, objects } = counting();
  await objects.of(target, desired);
  await objects.of(target, { ...desired, contentKey: 'other' });
  expect(count.renders).toBe(2);
});

test('a mistake in the files is remembered, and an error that may pass is not', async () => {
  for (const [code, renders] of [
    ['RENDER_FAILED', 1],
    ['GIT_UNREACHABLE', 2],
  ] as const) {
    const { count, objects } = counting(code);
    await expect(objects.of(target, desired)).rejects.toThrow('it failed');
    await expect(objects.of(target, desired)).rejects.toThrow('it failed');
    expect(count.renders).toBe(renders);
  }
});
