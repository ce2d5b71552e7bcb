import { expect, it } from 'vitest';
import { createPermits } from '../../../src/composition/plan-permits.ts';

const neverAborts = new AbortController().signal;
const projectOf = (repository: string) => repository.split('/')[1];
const on = (cluster: string, project = 'acme') => ({ cluster, repository: `github/${project}/apps` });

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
  const permit = createPermits(() => 1, 16, projectOf);
  const first = await permit(on('prod'), neverAborts);
  const second = permit(on('prod'), neverAborts);

  expect(await isGranted(second)).toBe(false);
  expect(await isGranted(permit(on('staging'), neverAborts))).toBe(true);
  first.release();
  expect(await isGranted(second)).toBe(true);
});

it('bounds the plans of the process over all clusters', async () => {
  const permit = createPermits(() => 4, 2, projectOf);
  const first = await permit(on('a'), neverAborts);
  await permit(on('b'), neverAborts);
  const third = permit(on('c'), neverAborts);

  expect(await isGranted(third)).toBe(false);
  first.release();
  expect(await isGranted(third)).toBe(true);
});

it('leaves nothing behind if a plan is cancelled while it waits', async () => {
  const permit = createPermits(() => 1, 1, projectOf);
  const first = await permit(on('a'), neverAborts);
  const leaving = new AbortController();
  const waiting = permit(on('b'), leaving.signal);
  const ended = expect(waiting).rejects.toThrow('cancelled');
  await new Promise(setImmediate);
  leaving.abort(new Error('cancelled'));
  await ended;
  first.release();

  expect(await isGranted(permit(on('b'), neverAborts))).toBe(true);
});

it("lets a project's only plan come after one of another project's thousand", async () => {
  const permit = createPermits(() => 1, 16, projectOf);
  const first = await permit(on('prod', 'large'), neverAborts);
  const large = Array.from({ length: 1_000 }, () => permit(on('prod', 'large'), neverAborts));
  const small = permit(on('prod', 'small'), neverAborts);

  first.release();
  const next = await large[0];
  next?.release();

  expect(await isGranted(small)).toBe(true);
});
