import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startRedis } from '../../sandbox/redis/redis.ts';
import { eventually, testSlipway } from '../support/slipway.ts';

it.each(['server', 'worker deploy'])(
  'slipway %s ends when it is asked to, although Redis is down',
  async (command) => {
    const dir = await mkdtemp(join(tmpdir(), 'slipway-stop-'));
    const redis = await startRedis({ dir, log: () => undefined });
    const slipway = await testSlipway('github', { redisUrl: redis.url });
    onTestFinished(async () => {
      await slipway.stop();
      await redis.stop();
      await rm(dir, { recursive: true, force: true });
    });
    const running = await slipway.start(...command.split(' '));
    await redis.stop('SIGKILL');
    await eventually('the loss of Redis', async () => running.log().includes('redis unreachable'));
    // Undefined would mean that only another signal ended it.
    expect([0, 1]).toContain(await running.end('SIGTERM'));
  },
);
