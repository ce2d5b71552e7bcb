import type { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createLinkSecret } from '../../../src/store/link-secret.ts';
import { type StateKeys, stateKeys } from '../../../src/store/state-keys.ts';
import { testRedis } from '../../support/redis.ts';
import { uniquePrefix } from '../../support/sandbox.ts';

let redis: Redis;
let keys: StateKeys;
beforeEach(() => {
  redis = testRedis();
  keys = stateKeys(uniquePrefix());
});
afterEach(() => {
  vi.restoreAllMocks();
  redis.disconnect();
});

it('is random, and the same for every process and after a restart', async () => {
  const all = await Promise.all([createLinkSecret(redis, keys)(), createLinkSecret(redis, keys)()]);
  const later = await createLinkSecret(redis, keys)();
  const elsewhere = await createLinkSecret(redis, stateKeys(uniquePrefix()))();

  expect(new Set([...all, later]).size).toBe(1);
  expect(later).toMatch(/^[\w-]{43}$/);
  expect(elsewhere).not.toBe(later);
});

it('survives an emptied Redis if a process still knows it', async () => {
  const secret = createLinkSecret(redis, keys);
  const before = await secret();
  await redis.del(keys.linkSecret);
  const now = performance.now();
  vi.spyOn(performance, 'now').mockReturnValue(now + 3_600_000);

  expect(await secret()).toBe(before);
  expect(await createLinkSecret(redis, keys)()).toBe(before);
});
