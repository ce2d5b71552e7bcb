import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { connectionOf } from '../../sandbox/connection.ts';
import { ForgeClient } from '../../sandbox/forge/client.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import {
  prepareSlipway,
  type SandboxSlipway,
  type SlipwayOptions,
} from '../../sandbox/slipway/start-slipway.ts';
import { type Clone, cloneRepository } from './clone.ts';

/** A sandbox, and a Slipway for it that is not started. */
export interface Fixture {
  sandbox: Sandbox;
  slipway: SandboxSlipway;
  forge: ForgeClient;
  redis: Redis;
  /** A new repository on the forge with Slipway's webhook, and a clone of it. */
  repository(name: string): Promise<Clone>;
  /**
   * When the commit got `success` for the environment, in milliseconds since the epoch by the forge's clock. Rejects on any
   * other final status, and after `timeoutMs`.
   */
  finalStatus(clone: Clone, commit: string, environment: string, timeoutMs?: number): Promise<number>;
  close(): Promise<void>;
}

const POLL_EVERY_MS = 100;

/** Starts a sandbox, which `close` stops. A sandbox in the options is used and not stopped. */
export async function openFixture(
  log: (line: string) => void,
  options: Omit<Partial<SlipwayOptions>, 'sandbox'> & { sandbox?: Sandbox } = {},
): Promise<Fixture> {
  const { sandbox: given, ...rest } = options;
  const sandbox = given ?? (await startSandbox({ log }));
  const forge = new ForgeClient(sandbox.forge);
  const redis = new Redis(sandbox.redisUrl);
  const slipway = await prepareSlipway({
    sandbox: connectionOf(sandbox),
    dir: join(sandbox.dir, `slipway-${randomUUID()}`),
    ...rest,
  });
  return {
    sandbox,
    slipway,
    forge,
    redis,
    async repository(name) {
      const repo = `acme/${name}`;
      await forge.createRepository('github', repo, { files: { 'README.md': `# ${name}\n` } });
      await forge.addHook('github', repo, {
        url: slipway.webhookUrl('github'),
        secret: slipway.webhookSecret('github'),
      });
      return cloneRepository(sandbox.forge.github, repo, join(sandbox.dir, `clone-${name}`));
    },
    async finalStatus({ repo }, commit, environment, timeoutMs = 300_000) {
      const until = Date.now() + timeoutMs;
      for (;;) {
        const statuses = await forge.statuses('github', repo, commit);
        const last = statuses.findLast(({ context }) => context === `slipway/${environment}`);
        if (last?.state === 'success') return last.at;
        const failed = last && last.state !== 'pending';
        if (failed || Date.now() > until) {
          throw new Error(`${repo} ${commit}: ${last ? `${last.state}: ${last.description}` : 'no status'}`);
        }
        await sleep(POLL_EVERY_MS);
      }
    },
    async close() {
      await slipway.stop();
      redis.disconnect();
      await forge.close();
      if (!given) await sandbox.stop();
    },
  };
}
