import { stat } from 'node:fs/promises';
import { setImmediate as nextTick } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Accepted, NewDelivery, WakeUp } from '../../../src/ports/deliveries.ts';
import { batchPerTick } from '../../../src/server/intake-batch.ts';

/** Far longer than a test may take. */
const options = { deadlineMs: 3_600_000, parallel: 2 };

function delivery(id: string, repository = 'github/acme/loans'): NewDelivery {
  return { id, kind: 'webhook', forge: 'github', event: 'push', repository, receivedAt: 0, known: true };
}

/** In place of the delivery store and the queue; records the order of their calls. */
function recorder(hooks: { accept?: () => Promise<void>; wakeUp?: () => Promise<void> } = {}) {
  const calls: { verb: 'accept' | 'enqueue'; names: string[] }[] = [];
  const reported: WakeUp[][] = [];
  return {
    calls,
    reported,
    deliveries: {
      async accept(batch: NewDelivery[], enqueued: WakeUp[] = []): Promise<Accepted[]> {
        reported.push(enqueued);
        calls.push({ verb: 'accept', names: batch.map(({ id }) => id) });
        await hooks.accept?.();
        return batch.map(({ id, ignored, repository = '' }) => ({
          id,
          state: ignored ? 'ignored' : 'waiting',
          repeated: false,
          wakeUp: ignored ? undefined : { repository, claims: 0 },
        }));
      },
    },
    wakeUps: {
      async enqueueIntake(names: string[]) {
        calls.push({ verb: 'enqueue', names });
        await hooks.wakeUp?.();
      },
    },
  };
}

describe('a batch', () => {
  it('holds what arrived in one tick, and enqueues each repository once', async () => {
    const { calls, deliveries, wakeUps } = recorder();
    const submit = batchPerTick(deliveries, wakeUps, options);

    const responses = await Promise.all([
      submit(delivery('1')),
      submit(delivery('2', 'github/acme/other')),
      submit(delivery('3')),
      submit({ ...delivery('4', 'github/acme/third'), ignored: 'unused event' }),
    ]);

    expect(responses.map(({ id }) => id)).toEqual(['1', '2', '3', '4']);
    expect(calls).toEqual([
      { verb: 'accept', names: ['1', '2', '3', '4'] },
      { verb: 'enqueue', names: ['github/acme/loans', 'github/acme/other'] },
    ]);
  });

  it('enqueues nothing if no delivery needs an intake', async () => {
    const { calls, deliveries, wakeUps } = recorder();

    await batchPerTick(deliveries, wakeUps, options)({ ...delivery('1'), ignored: 'unused event' });

    expect(calls.map(({ verb }) => verb)).toEqual(['accept']);
  });

  it('reports enqueued wake-ups to the next batch, once', async () => {
    const { reported, deliveries, wakeUps } = recorder();
    const submit = batchPerTick(deliveries, wakeUps, options);

    await submit(delivery('1'));
    await submit({ ...delivery('2'), ignored: 'unused event' });
    await submit(delivery('3'));

    expect(reported).toEqual([[], [{ repository: 'github/acme/loans', claims: 0 }], []]);
  });

  it('is not acknowledged before its intake is enqueued', async () => {
    let enqueued = false;
    const { deliveries, wakeUps } = recorder({
      wakeUp: async () => {
        await nextTick();
        enqueued = true;
      },
    });

    await batchPerTick(deliveries, wakeUps, options)(delivery('1'));

    expect(enqueued).toBe(true);
  });

  it('is recorded if the response came while this process itself stood still', async () => {
    const { deliveries, wakeUps } = recorder({
      async accept() {
        const response = stat('/');
        const until = performance.now() + 1_500;
        while (performance.now() < until);
        await response;
        await stat('/');
      },
    });
    const submit = batchPerTick(deliveries, wakeUps, { deadlineMs: 1_000, parallel: 2 });

    await expect(submit({ ...delivery('1'), ignored: 'unused event' })).resolves.toMatchObject({ id: '1' });
  });

  it('gathers what arrives while two others are in progress', async () => {
    const recorded = Promise.withResolvers<void>();
    const { calls, deliveries, wakeUps } = recorder({ accept: () => recorded.promise });
    const submit = batchPerTick(deliveries, wakeUps, options);
    const responses: Promise<Accepted>[] = [];

    for (let at = 0; at < 6; at += 1) {
      responses.push(submit(delivery(String(at))));
      await nextTick();
    }
    recorded.resolve();
    await Promise.all(responses);

    const batches = calls.filter(({ verb }) => verb === 'accept').map(({ names }) => names);
    expect(batches).toEqual([['0'], ['1'], ['2', '3', '4', '5']]);
  });
});

describe('a batch that fails', () => {
  it.each([
    ['the log', { accept: () => Promise.reject(new Error('Connection is closed.')) }],
    ['the queue', { wakeUp: () => Promise.reject(new Error('Connection is closed.')) }],
    ['a response in time', { accept: () => new Promise<void>(() => undefined) }],
  ])('for want of %s is REDIS_UNREACHABLE for each of its deliveries', async (_name, hooks) => {
    const { deliveries, wakeUps } = recorder(hooks);
    const submit = batchPerTick(deliveries, wakeUps, { deadlineMs: 50, parallel: 2 });

    const results = await Promise.allSettled([submit(delivery('1')), submit(delivery('2'))]);

    for (const result of results) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'REDIS_UNREACHABLE' } });
    }
  });

  it('at the queue does not count its wake-ups as enqueued', async () => {
    const { reported, deliveries, wakeUps } = recorder({ wakeUp: () => Promise.reject(new Error('closed')) });
    const submit = batchPerTick(deliveries, wakeUps, options);

    await Promise.allSettled([submit(delivery('1'))]);
    await Promise.allSettled([submit(delivery('2'))]);

    expect(reported).toEqual([[], []]);
  });

  it('does not stop the next one', async () => {
    let first = true;
    const { deliveries, wakeUps } = recorder({
      accept: async () => {
        const fails = first;
        first = false;
        if (fails) throw new Error('Connection is closed.');
      },
    });
    const submit = batchPerTick(deliveries, wakeUps, { ...options, parallel: 1 });

    await expect(submit(delivery('1'))).rejects.toThrow('Connection is closed.');

    await expect(submit(delivery('2'))).resolves.toMatchObject({ id: '2' });
  });
});
