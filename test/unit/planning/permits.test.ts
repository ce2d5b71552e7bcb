import { expect, it } from 'vitest';
import { createPermits } from '../../../workers/plan.ts';

const neverAborts = new AbortController().signal;

/** Whether the promise has ended once everything that could run has run. */
async function isGranted(permit: Promise<unknown>): Promise<boolean> {
  let granted = false;
  void permit.then(
    () => {
      granted = true;
    },
    () => {},
  );
  await new Promise(setImmediate);
  return granted;
}

it('lets so many plans at once onto a cluster, and holds up no other cluster', async () => {
  const permit = createPermits(() => 1, 16);
  const leave = await permit('prod', neverAborts);
  const second = permit('prod', neverAborts);

  expect(await isGranted(second)).toBe(false);
  expect(await isGranted(permit('staging', neverAborts))).toBe(true);
  leave();
  expect(await isGranted(second)).toBe(true);
});

it('bounds the plans of the process over all clusters', async () => {
  const permit = createPermits(() => 4, 2);
  const leave = await permit('a', neverAborts);
  await permit('b', neverAborts);
  const third = permit('c', neverAborts);

  expect(await isGranted(third)).toBe(false);
  leave();
  expect(await isGranted(third)).toBe(true);
});

it('leaves nothing behind if a plan is cancelled while it waits', async () => {
  const permit = createPermits(() => 1, 1);
  const leave = await permit('a', neverAborts);
  const leaving = new AbortController();
  const waiting = permit('b', leaving.signal);
  const ended = expect(waiting).rejects.toThrow('cancelled');
  await new Promise(setImmediate);
  leaving.abort(new Error('cancelled'));
  await ended;
  leave();

  expect(await isGranted(permit('b', neverAborts))).toBe(true);
});
