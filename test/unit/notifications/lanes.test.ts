import { describe, expect, it } from 'vitest';
import { createLanes } from '../../../src/notifications/lanes.ts';

/** Items are named `<lane><number>` and run until they are ended. */
function lanesUnderTest() {
  const running = new Map<string, () => void>();
  const started: string[] = [];
  const lanes = createLanes<string>(
    (item) => item.slice(0, 1),
    (item) => {
      started.push(item);
      return new Promise((resolve) => running.set(item, resolve));
    },
  );
  const end = async (item: string) => {
    running.get(item)?.();
    await new Promise(setImmediate);
  };
  return { lanes, started, end };
}

describe('lanes', () => {
  it('run the items of one lane in order and those of others side by side', async () => {
    const { lanes, started, end } = lanesUnderTest();
    for (const item of ['a1', 'a2', 'b1']) lanes.add(item);
    await new Promise(setImmediate);
    expect(started).toEqual(['a1', 'b1']);
    await end('a1');
    expect(started).toEqual(['a1', 'b1', 'a2']);
  });

  it('make room when an item has run', async () => {
    const { lanes, end } = lanesUnderTest();
    for (const item of ['a1', 'b1']) lanes.add(item);
    let hasRoom = false;
    const waiting = lanes.room(2).then(() => {
      hasRoom = true;
    });
    await new Promise(setImmediate);
    expect(hasRoom).toBe(false);
    await end('b1');
    await waiting;
  });

  it('are idle when every item has run, also those added meanwhile', async () => {
    const { lanes, started, end } = lanesUnderTest();
    lanes.add('a1');
    const idle = lanes.idle();
    await new Promise(setImmediate);
    lanes.add('a2');
    await end('a1');
    expect(started).toEqual(['a1', 'a2']);
    await end('a2');
    await idle;
  });
});
