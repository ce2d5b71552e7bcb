import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { ForgeClient } from '../../sandbox/forge/client.ts';
import {
  prepareSlipway,
  type SandboxSlipway,
  type SlipwayOptions,
} from '../../sandbox/slipway/start-slipway.ts';
import { PATIENCE_MS } from '../../sandbox/until.ts';
import type { Delivery } from '../../src/model/delivery.ts';
import type { Release } from '../../src/model/release.ts';
import type { TargetStatus } from '../../src/ports/queries.ts';
import { sandbox, uniqueNamespace } from './sandbox.ts';

export type Face = 'github' | 'gitlab';

/** A Slipway of one test, with a repository of its own on one of the forges. */
export interface TestSlipway extends SandboxSlipway {
  forge: ForgeClient;
  face: Face;
  /** `acme/<unique>` */
  repo: string;
  /** `<forge>/acme/<unique>` */
  repository: string;
  /** A namespace of this test alone; Slipway creates it. */
  namespace: string;
  api<T>(path: string, init?: RequestInit): Promise<T>;
  targets(): Promise<TargetStatus[]>;
  deliveries(): Promise<Delivery[]>;
  history(target: string): Promise<Release[]>;
  /** Creates the repository with its hook; `files` are the first commit. */
  createRepository(files: Record<string, string>): Promise<string>;
}

/** Those of this test file, whose logs a failed test shows. */
const slipways: SandboxSlipway[] = [];

/** The last log lines of each Slipway of this test file. */
export function lastLogs(lines: number): string[] {
  return slipways
    .map((slipway) => slipway.logs().trimEnd().split('\n').slice(-lines).join('\n'))
    .filter(Boolean);
}

/** Prepares a Slipway; the test starts its processes, for example with `start('run')`, and ends with `stop()`. */
export async function testSlipway(
  face: Face = 'github',
  options: Partial<Omit<SlipwayOptions, 'dir'>> = {},
): Promise<TestSlipway> {
  const connection = sandbox();
  const dir = await mkdtemp(join(tmpdir(), 'slipway-e2e-'));
  const namespace = uniqueNamespace('loans');
  const slipway = await prepareSlipway({
    sandbox: connection,
    dir,
    // Inventories of other tests' targets must not be found.
    stateNamespace: uniqueNamespace('slipway'),
    pollInterval: '1h',
    ...options,
  });
  slipways.push(slipway);
  const forge = new ForgeClient(connection.forge);
  const repo = `acme/${namespace}`;
  const api = async <T>(path: string, init: RequestInit = {}): Promise<T> => {
    const headers = { authorization: `Bearer ${slipway.apiToken}`, 'content-type': 'application/json' };
    let response = await fetch(`${slipway.url}${path}`, { ...init, headers });
    for (const deadline = Date.now() + PATIENCE_MS; response.status === 503 && Date.now() < deadline; ) {
      await sleep(Number(response.headers.get('retry-after') ?? 1) * 1_000);
      response = await fetch(`${slipway.url}${path}`, { ...init, headers });
    }
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  return {
    ...slipway,
    forge,
    face,
    repo,
    repository: `${face}/${repo}`,
    namespace,
    api,
    targets: async () => (await api<{ targets: TargetStatus[] }>('/api/targets?limit=1000')).targets,
    deliveries: async () => (await api<{ deliveries: Delivery[] }>('/api/deliveries?limit=200')).deliveries,
    history: async (target) => {
      const path = `/api/targets/history?target=${encodeURIComponent(target)}`;
      return (await api<{ releases: Release[] }>(path)).releases;
    },
    async createRepository(files) {
      const created = await forge.createRepository(face, repo, { files });
      const [url, secret] = [slipway.webhookUrl(face), slipway.webhookSecret(face)];
      await forge.addHook(face, repo, { url, secret, resend: true });
      return created.sha ?? '';
    },
    async stop() {
      await slipway.stop();
      // A program of Git that was told to end may write for a moment.
      await rm(dir, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

/** Asks every 25 ms until the result is neither undefined nor false; fails with the last result. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  timeoutMs = PATIENCE_MS,
): Promise<T> {
  const until = Date.now() + timeoutMs;
  let last: unknown;
  while (Date.now() < until) {
    try {
      const result = await ask();
      if (result !== undefined && result !== false) return result;
      last = result;
    } catch (error) {
      last = error;
    }
    await sleep(25);
  }
  throw new Error(`${what} did not come within ${timeoutMs} ms; last: ${inspect(last)}`);
}
