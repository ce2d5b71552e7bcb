import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRoom } from '../../../src/queue/room.ts';

describe('the room of a worker', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is full with as many jobs as may work at once', () => {
    const room = createRoom(2);
    room.take();
    expect(room.reserve()).toBe(true);
    expect(room.reserve()).toBe(false);
  });

  it('has a place again when a job only waits, and tells who waits for it', async () => {
    const room = createRoom(1);
    const place = room.take();
    const change = room.change();
    place.free();
    await change;
    expect(room.reserve()).toBe(true);
  });

  it('counts a job once, however often it is freed', () => {
    const room = createRoom(2);
    const place = room.take();
    room.take();
    place.free();
    place.free();
    expect(room.reserve()).toBe(true);
    expect(room.reserve()).toBe(false);
  });

  it('does not count the jobs on a cluster that nobody leaves', () => {
    const room = createRoom(1);
    room.take().at('silent');
    expect(room.reserve()).toBe(false);
    vi.advanceTimersByTime(2_000);
    expect(room.reserve()).toBe(true);
  });

  it('counts those on a cluster that is slow and goes on', () => {
    const room = createRoom(2);
    room.take().at('slow');
    const second = room.take();
    second.at('slow');
    vi.advanceTimersByTime(1_500);
    second.free();
    vi.advanceTimersByTime(1_500);
    expect(room.reserve()).toBe(true);
    expect(room.reserve()).toBe(false);
  });
});
