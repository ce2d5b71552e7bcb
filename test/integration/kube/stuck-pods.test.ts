import { beforeAll, describe, expect, test } from 'vitest';
import { PATIENCE_MS } from '../../../sandbox/until.ts';
import type { ObjectChange } from '../../../src/model/change-set.ts';
import type { RenderedObject } from '../../../src/model/object.ts';
import type { ClusterWork, Unhealthy } from '../../../src/ports/cluster.ts';
import { reasonOfUnhealthy } from '../../support/failures.ts';
import {
  corePath,
  createNamespace,
  heldLease,
  read,
  release,
  rendered,
  startFixture,
  targetOf,
} from './release-setup.ts';

const fixture = startFixture();
const { namespace } = fixture;

beforeAll(() => createNamespace(fixture));

function database(name: string, image: string, allowed = false): RenderedObject {
  const annotations: Record<string, string> = allowed ? { 'slipway.dev/replace-stuck-pods': 'allowed' } : {};
  const containers = [{ name: 'db', image }];
  return rendered({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, namespace, annotations },
    spec: {
      serviceName: name,
      replicas: 2,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { terminationGracePeriodSeconds: 0, containers },
      },
    },
  });
}

/** Releases the object and waits for its health; resolves to what is unhealthy and which pods were deleted. */
async function released(
  object: RenderedObject,
  { failFastMs = PATIENCE_MS, ...work }: Partial<ClusterWork> & { failFastMs?: number } = {},
): Promise<{ unhealthy: Unhealthy[]; replaced: ObjectChange[] }> {
  const { name = '' } = object.object.metadata;
  const { run } = await release({ ...fixture, target: targetOf(namespace, name) }, [object], work);
  const replaced: ObjectChange[] = [];
  const unhealthy = await run.verify([], {
    signal: new AbortController().signal,
    timeoutMs: PATIENCE_MS,
    failFastMs,
    checkLease: heldLease,
    onReplaced: (change) => replaced.push(change),
  });
  return { unhealthy, replaced };
}

const uidOf = async (pod: string) => (await read(fixture, corePath(fixture, 'pods', pod)))?.metadata.uid;

describe('a StatefulSet that is stuck on a pod of a broken revision', () => {
  test('says which pod blocks the commit that mends it, and deletes nothing unasked', async () => {
    expect(await released(database('held', 'db:v1'))).toEqual({ unhealthy: [], replaced: [] });
    const broken = await released(database('held', 'db:missing'), { failFastMs: 500 });
    expect(reasonOfUnhealthy(broken.unhealthy[0])).toContain('pod held-1: ImagePullBackOff');
    const uid = await uidOf('held-1');

    const { unhealthy, replaced } = await released(database('held', 'db:v3'), { failFastMs: 500 });

    expect(reasonOfUnhealthy(unhealthy[0])).toMatch(
      new RegExp(
        `^pod held-1 is of an older revision and not ready, and blocks the update: kubectl delete pod held-1 -n ${namespace}; ` +
          'pod held-1: ImagePullBackOff: image "db:missing" .*\\(revision held-[a-z0-9]+\\)$',
      ),
    );
    expect(unhealthy[0]?.hint).toContain('slipway.dev/replace-stuck-pods: allowed');
    expect(replaced).toEqual([]);
    expect(await uidOf('held-1')).toBe(uid);
  });

  test('is updated by the commit that mends it if its annotation allows to delete the pod', async () => {
    await released(database('free', 'db:v1', true));
    await released(database('free', 'db:missing', true), { failFastMs: 500 });

    const { unhealthy, replaced } = await released(database('free', 'db:v3', true));

    expect(unhealthy).toEqual([]);
    expect(replaced).toMatchObject([
      {
        ref: { kind: 'Pod', name: 'free-1', namespace },
        action: 'configured',
        notice: { summary: 'deleted: it was stuck on an older revision of StatefulSet free' },
      },
    ]);
    const pod = await read(fixture, corePath(fixture, 'pods', 'free-1'));
    expect(JSON.stringify(pod?.spec)).toContain('"image":"db:v3"');
  });

  test('keeps a broken pod of the newest revision, also if its annotation allows to delete others', async () => {
    await released(database('newest', 'db:v1', true));

    const { unhealthy, replaced } = await released(database('newest', 'db:missing', true), {
      failFastMs: 500,
    });

    expect(reasonOfUnhealthy(unhealthy[0])).toContain('pod newest-1: ImagePullBackOff');
    expect(replaced).toEqual([]);
  });
});
