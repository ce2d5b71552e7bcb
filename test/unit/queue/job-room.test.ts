import { expect, it } from 'vitest';
import { createJobRoom } from '../../../src/queue/job-room.ts';

const LONG_MS = 3_600_000;
const endless = new AbortController().signal;

/** A room, and the jobs that have entered it with their way out. */
function observed(livedMs = LONG_MS) {
  const room = createJobRoom(livedMs);
  const inside = new Map<string, () => void>();
  function enter(name: string, alone: boolean, signal = endless): void {
    room.enter(alone, signal).then(
      (leave) => inside.set(name, leave),
      () => undefined,
    );
  }
  return { room, enter, inside };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

it('lets ordinary jobs in at once', async () => {
  const { enter, inside, room } = observed();
  enter('a', false);
  enter('b', false);
  await settle();
  expect([...inside.keys()]).toEqual(['a', 'b']);
  expect(room.isOpen()).toBe(true);
});

it('lets one job in alone once the others have left, and lets nobody in meanwhile', async () => {
  const { enter, inside, room } = observed();
  enter('a', false);
  enter('suspect', true);
  enter('b', false);
  await settle();
  expect([...inside.keys()]).toEqual(['a']);
  expect(room.isOpen()).toBe(false);
  inside.get('a')?.();
  await settle();
  expect([...inside.keys()]).toEqual(['a', 'suspect']);
  inside.get('suspect')?.();
  await settle();
  expect([...inside.keys()]).toEqual(['a', 'suspect', 'b']);
  expect(room.isOpen()).toBe(true);
});

it('lets two jobs that run alone in one after the other, though they wait for the same end', async () => {
  const { enter, inside } = observed();
  enter('a', false);
  enter('first', true);
  enter('second', true);
  await settle();
  inside.get('a')?.();
  await settle();
  expect([...inside.keys()]).toEqual(['a', 'first']);
  inside.get('first')?.();
  await settle();
  expect([...inside.keys()]).toEqual(['a', 'first', 'second']);
});

it('does not wait for a job that began long ago', async () => {
  const { enter, inside } = observed(0);
  enter('a', false);
  enter('suspect', true);
  await settle();
  expect([...inside.keys()]).toEqual(['a', 'suspect']);
});

it('opens again when a job that waits to run alone is aborted', async () => {
  const { enter, inside, room } = observed();
  const stop = new AbortController();
  enter('a', false);
  enter('suspect', true, stop.signal);
  await settle();
  stop.abort();
  enter('b', false);
  inside.get('a')?.();
  await expect.poll(() => [...inside.keys()]).toEqual(['a', 'b']);
  expect(room.isOpen()).toBe(true);
});
