import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createJobSlots } from '../../../src/queue/job-slots.ts';

describe('the room of a worker', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is full with as many jobs as may work at once', () => {
    const slots = createJobSlots(2);
    slots.take();
    expect(slots.reserve()).toBe(true);
    expect(slots.reserve()).toBe(false);
  });

  it('has a place again when a job only waits, and tells who waits for it', async () => {
    const slots = createJobSlots(1);
    const place = slots.take();
    const change = slots.change();
    place.free();
    await change;
    expect(slots.reserve()).toBe(true);
  });

  it('counts a job once, however often it is freed', () => {
    const slots = createJobSlots(2);
    const place = slots.take();
    slots.take();
    place.free();
    place.free();
    expect(slots.reserve()).toBe(true);
    expect(slots.reserve()).toBe(false);
  });

  it('does not count the jobs on a cluster that nobody leaves', () => {
    const slots = createJobSlots(1);
    slots.take().at('silent');
    expect(slots.reserve()).toBe(false);
    vi.advanceTimersByTime(2_000);
    expect(slots.reserve()).toBe(true);
  });

  it('counts those on a cluster that is slow and goes on', () => {
    const slots = createJobSlots(2);
    slots.take().at('slow');
    const second = slots.take();
    second.at('slow');
    vi.advanceTimersByTime(1_500);
    second.free();
    vi.advanceTimersByTime(1_500);
    expect(slots.reserve()).toBe(true);
    expect(slots.reserve()).toBe(false);
  });
});
