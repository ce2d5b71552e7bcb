import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createJobSlots } from '../../../src/queue/job-slots.ts';

describe('job slots', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('allow no more jobs than may work at once', () => {
    const slots = createJobSlots(2);
    slots.take();
    expect(slots.reserve()).toBe(true);
    expect(slots.reserve()).toBe(false);
  });

  it('are free again when a job only waits, which resolves pending changes', async () => {
    const slots = createJobSlots(1);
    const slot = slots.take();
    const change = slots.change();
    slot.free();
    await change;
    expect(slots.reserve()).toBe(true);
  });

  it('count a job once, however often it is freed', () => {
    const slots = createJobSlots(2);
    const slot = slots.take();
    slots.take();
    slot.free();
    slot.free();
    expect(slots.reserve()).toBe(true);
    expect(slots.reserve()).toBe(false);
  });

  it('do not count a job that takes long and does not keep its slot: it waits for Git or a forge', () => {
    const slots = createJobSlots(1);
    slots.take();
    expect(slots.reserve()).toBe(false);
    vi.advanceTimersByTime(2_000);
    expect(slots.reserve()).toBe(true);
  });

  it('count a job that keeps its slot until it frees it, however long that takes', () => {
    const slots = createJobSlots(1);
    const slot = slots.take();
    slot.keep();
    vi.advanceTimersByTime(3_600_000);
    expect(slots.reserve()).toBe(false);
    slot.free();
    expect(slots.reserve()).toBe(true);
  });

  it('do not count a job again that waited for long, so that a thousand such jobs do not keep others from being taken', () => {
    const slots = createJobSlots(1);
    const slot = slots.take();
    vi.advanceTimersByTime(2_000);
    slot.keep();
    expect(slots.reserve()).toBe(true);
  });
});
