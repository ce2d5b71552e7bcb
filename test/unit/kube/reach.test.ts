import { describe, expect, it, onTestFinished } from 'vitest';
import { SlipwayError } from '../../../src/errors.ts';
import { createReach, type ReachOptions } from '../../../src/kube/client/reach.ts';

const refused = () => new SlipwayError('CLUSTER_UNREACHABLE', 'the connection was refused');
const fail = async () => Promise.reject(refused());

/** A cluster that `probe` asks, and what was noted of it. */
function reachOf(probe: ReachOptions['probe'], more: Partial<ReachOptions> = {}) {
  const changes: (string | undefined)[] = [];
  const reach = createReach({
    probe,
    onChange: (away) => changes.push(away?.message),
    awayAfterMs: 0,
    ...more,
  });
  onTestFinished(() => reach.close());
  return { reach, changes };
}

describe('a cluster that cannot be reached', () => {
  it('is not asked until a probe gets a response, and then all who wait are told', async () => {
    let isDown = true;
    let atOnce = 0;
    let most = 0;
    const { reach, changes } = reachOf(async () => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      await new Promise(setImmediate);
      atOnce -= 1;
      if (isDown) throw refused();
    });
    await Promise.all(Array.from({ length: 20 }, () => reach.through(fail).catch(() => undefined)));
    await expect.poll(() => reach.away?.error.message).toBe('the connection was refused');
    let sent = 0;
    const send = async () => {
      sent += 1;
    };
    await expect(reach.through(send)).rejects.toMatchObject({ code: 'CLUSTER_UNREACHABLE' });
    expect(sent).toBe(0);
    const waiting = Promise.all(Array.from({ length: 3 }, () => reach.away?.back));
    isDown = false;
    await waiting;
    await reach.through(send);
    expect([sent, most, changes]).toEqual([1, 1, ['the connection was refused', undefined]]);
  });

  it('is away only after a while, so that a restart of its API server ends no release', async () => {
    let probes = 0;
    const probe = async () => {
      probes += 1;
      if (probes < 3) throw refused();
    };
    const { reach, changes } = reachOf(probe, { awayAfterMs: 60_000 });
    await expect(reach.through(fail)).rejects.toThrow('refused');
    await expect.poll(() => probes).toBe(3);
    expect([reach.away, changes]).toEqual([undefined, []]);
  });

  it('is found by a request that gets no response, before that fails', async () => {
    const { reach } = reachOf(fail, { slowMs: 1 });
    const hanging = Promise.withResolvers<void>();
    const request = reach.through(() => hanging.promise);
    await expect.poll(() => reach.away?.error.code).toBe('CLUSTER_UNREACHABLE');
    hanging.resolve();
    await request;
  });
});

it.each([
  ['OBJECT_INVALID', 'CLUSTER_FORBIDDEN'],
  ['CLUSTER_UNREACHABLE', 'CLUSTER_FORBIDDEN'],
  ['CLUSTER_UNREACHABLE', 'CLUSTER_BUSY'],
] as const)(
  'a request that fails with %s while a probe ends with %s says nothing of the cluster',
  async (...codes) => {
    const [failure, response] = codes.map((code) => new SlipwayError(code, 'it failed'));
    let probes = 0;
    const { reach } = reachOf(async () => {
      probes += 1;
      throw response;
    });
    await expect(reach.through(async () => Promise.reject(failure))).rejects.toBe(failure);
    if (failure?.code === 'CLUSTER_UNREACHABLE') await expect.poll(() => probes).toBe(1);
    expect(reach.away).toBeUndefined();
  },
);
