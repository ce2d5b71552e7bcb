import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { withLock } from '../../../sandbox/programs/lock.ts';

const silent = () => undefined;

test('the second one waits until the first has ended', async () => {
  const folder = randomUUID();
  const events: string[] = [];
  const work = (name: string) => async () => {
    events.push(`${name} starts`);
    await sleep(30);
    events.push(`${name} ends`);
  };

  await Promise.all([withLock(folder, silent, work('first')), withLock(folder, silent, work('second'))]);

  const [one, two] = events[0] === 'first starts' ? ['first', 'second'] : ['second', 'first'];
  expect(events).toEqual([`${one} starts`, `${one} ends`, `${two} starts`, `${two} ends`]);
});

test('who waits hears what the first one says', async () => {
  const folder = randomUUID();
  const heard: string[] = [];
  const isHeard = Promise.withResolvers<void>();
  const first = withLock(folder, silent, async (say) => {
    say('half way');
    await isHeard.promise;
  });

  await withLock(
    folder,
    (line) => {
      heard.push(line);
      if (line === 'half way') isHeard.resolve();
    },
    async () => undefined,
  );

  await first;
  expect(heard.at(-1)).toBe('half way');
});

test('a failure lets the next one in', async () => {
  const folder = randomUUID();
  const failing = withLock(folder, silent, async () => Promise.reject(new Error('disk full')));

  const next = withLock(folder, silent, async () => 'done');

  await expect(failing).rejects.toThrow('disk full');
  expect(await next).toBe('done');
});
