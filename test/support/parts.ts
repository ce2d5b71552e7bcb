import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { loadServerConfig } from '../../src/config/load-server.ts';
import { createParts, type Parts } from '../../src/parts/parts.ts';
import { TestRepository } from './repository.ts';
import { uniqueNamespace } from './sandbox.ts';
import { type Face, type TestSlipway, testSlipway } from './slipway.ts';

export interface PartsUnderTest {
  slipway: TestSlipway;
  parts: Parts;
  /** Parts of another machine: the same Redis, mirrors of its own. */
  anotherHost: Parts;
}

/** What a worker process is made of, in this process and on real stores; ends with the test. */
export async function partsUnderTest(): Promise<PartsUnderTest> {
  const slipway = await testSlipway();
  onTestFinished(() => slipway.stop());
  const config = await loadServerConfig(slipway.config, slipway.env);
  const partsOf = (dataDir: string) => {
    const options = { name: 'test', role: 'worker', logLevel: 'silent', env: process.env } as const;
    const parts = createParts({ ...config, dataDir }, options);
    onTestFinished(() => parts.close());
    return parts;
  };
  return { slipway, parts: partsOf(config.dataDir), anotherHost: partsOf(join(slipway.dir, 'another')) };
}

/** A repository without a webhook: the test itself says what is delivered. */
export async function quietRepository(
  slipway: TestSlipway,
  files: (namespace: string) => Record<string, string>,
  face: Face = 'github',
): Promise<TestRepository> {
  const repository = new TestRepository(slipway, face, uniqueNamespace('loans'));
  await slipway.forge.createRepository(face, repository.name, { files: files(repository.namespace) });
  return repository;
}

/** The webhook of a push, as the server records it. */
export async function announce(
  { deliveries }: Pick<Parts, 'deliveries'>,
  repository: TestRepository,
  commit: string,
  branch = 'main',
): Promise<string> {
  const id = `${repository.face}:${commit}-${branch}`;
  const ref = `refs/heads/${branch}`;
  const from = { kind: 'webhook', forge: repository.face, event: 'push', known: true } as const;
  await deliveries.accept([{ ...from, id, repository: repository.id, ref, commit, receivedAt: Date.now() }]);
  return id;
}
