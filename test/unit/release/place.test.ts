import { describe, expect, it } from 'vitest';
import { createGate } from '../../../src/release/gate.ts';
import { takePlace } from '../../../src/release/place.ts';

const { signal } = new AbortController();

/** Whether the gate lets one more in at this moment. */
async function isFree(gate: ReturnType<typeof createGate>): Promise<boolean> {
  const given = new AbortController();
  const entered = gate.enter(0, given.signal).then(
    (leave) => {
      leave();
      return true;
    },
    () => false,
  );
  await new Promise(setImmediate);
  given.abort();
  return entered;
}

describe('a place behind the gate', () => {
  it('is free for others during a wait, and taken again after it', async () => {
    const gate = createGate(1);
    const place = await takePlace(gate, 0, signal);
    const wait = Promise.withResolvers<string>();

    const waited = place.aside(() => wait.promise);
    expect(await isFree(gate)).toBe(true);
    wait.resolve('healthy');

    expect(await waited).toBe('healthy');
    expect(await isFree(gate)).toBe(false);
    place.leave();
    expect(await isFree(gate)).toBe(true);
  });

  it('is one place, also after waits that ran at once', async () => {
    const gate = createGate(1);
    const place = await takePlace(gate, 0, signal);
    const [one, other] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const waited = [place.aside(() => one.promise), place.aside(() => other.promise)];
    one.resolve();
    await waited[0];
    other.resolve();
    await waited[1];

    place.leave();

    expect(await isFree(gate)).toBe(true);
  });

  it('is free again after a wait that failed and a release that left', async () => {
    const gate = createGate(1);
    const place = await takePlace(gate, 0, signal);

    await expect(place.aside(() => Promise.reject(new Error('superseded')))).rejects.toThrow('superseded');
    place.leave();

    expect(await isFree(gate)).toBe(true);
  });
});
