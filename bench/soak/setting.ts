import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { connectionOf } from '../../sandbox/connection.ts';
import { ForgeClient } from '../../sandbox/forge/client.ts';
import { startForge } from '../../sandbox/forge/forge.ts';
import type { Face } from '../../sandbox/forge/protocol.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { secretNames } from '../../sandbox/slipway/server-yaml.ts';
import { prepareSlipway, type SandboxSlipway } from '../../sandbox/slipway/start-slipway.ts';
import { slowProxy } from '../support/slow-proxy.ts';

/** The forges of the soak: two that work, one that answers 429 and one that hangs. */
export type ForgeName = 'github' | 'gitlab' | 'limited' | 'hanging';

export interface SoakForge {
  name: ForgeName;
  client: ForgeClient;
  face: Face;
}

export interface Setting {
  sandbox: Sandbox;
  slipway: SandboxSlipway;
  redis: Redis;
  forges: Record<ForgeName, SoakForge>;
  /** Turns the faults of the forges `limited` and `hanging` on or off. */
  disturb(on: boolean): Promise<void>;
  close(): Promise<void>;
}

const tokens = { limited: 'SOAK_LIMITED_TOKEN', hanging: 'SOAK_HANGING_TOKEN' };

/** Two projects, four forges and three clusters, of which `away` accepts connections and never responds. */
export async function openSetting(log: (line: string) => void): Promise<Setting> {
  const sandbox = await startSandbox({ log });
  const second = await startForge({ dir: join(sandbox.dir, 'second-forge') });
  const hanging = await slowProxy(new URL(second.gitlab.url));
  const away = await slowProxy(new URL(sandbox.apiServerUrl));
  away.hang(true);
  const slipway = await prepareSlipway({
    sandbox: connectionOf(sandbox),
    dir: join(sandbox.dir, 'slipway-soak'),
    compiled: true,
    pollInterval: '1m',
    projects,
    forges: {
      limited: forge('github', second.github.url),
      hanging: forge('gitlab', `http://127.0.0.1:${hanging.port}`),
    },
    clusters: { away: { kubeconfig: { file: await through(away.port, sandbox) } } },
    env: { [tokens.limited]: second.github.token, [tokens.hanging]: second.gitlab.token },
  });
  const redis = new Redis(sandbox.redisUrl);
  const [first, other] = [new ForgeClient(sandbox.forge), new ForgeClient(second)];
  return {
    sandbox,
    slipway,
    redis,
    forges: {
      github: { name: 'github', client: first, face: 'github' },
      gitlab: { name: 'gitlab', client: first, face: 'gitlab' },
      limited: { name: 'limited', client: other, face: 'github' },
      hanging: { name: 'hanging', client: other, face: 'gitlab' },
    },
    async disturb(on) {
      hanging.hang(on);
      if (on) await other.setFaults('github', { rateLimit: { times: 1e9, status: 429, retryAfter: 20 } });
      else await other.clearFaults('github');
    },
    async close() {
      await slipway.stop();
      redis.disconnect();
      await Promise.all([first.close(), other.close(), hanging.close(), away.close()]);
      await second.stop();
      await sandbox.stop();
    },
  };
}

const rule = { branches: ['*'], namespaces: ['*'], createNamespaces: true };

const projects = {
  acme: {
    repositories: ['github/acme/*', 'limited/acme/*'],
    clusters: { prod: rule, staging: rule, away: rule },
  },
  lending: {
    repositories: ['gitlab/lending/*', 'hanging/lending/*'],
    clusters: { prod: rule, staging: rule, away: rule },
  },
};

function forge(type: 'github' | 'gitlab', url: string) {
  return {
    type,
    url,
    webhookSecrets: [{ env: secretNames[type] }],
    token: { env: type === 'github' ? tokens.limited : tokens.hanging },
  };
}

/** A kubeconfig that reaches the API server through this port. */
async function through(port: number, sandbox: Sandbox): Promise<string> {
  const text = await readFile(sandbox.kubeconfig, 'utf8');
  const file = join(sandbox.dir, 'away.kubeconfig');
  await writeFile(file, text.replaceAll(`:${new URL(sandbox.apiServerUrl).port}`, `:${port}`), {
    mode: 0o600,
  });
  return file;
}
