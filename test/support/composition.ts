import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Composition } from '../../src/composition/composition.ts';
import { createParts } from '../../src/composition/parts.ts';
import { loadServerConfig } from '../../src/config/load-server.ts';
import { forgeTypes } from '../../src/forges/registry.ts';
import type { NewDelivery } from '../../src/ports/deliveries.ts';
import { TestRepository } from './repository.ts';
import { uniqueNamespace } from './sandbox.ts';
import { type Face, type TestSlipway, testSlipway } from './slipway.ts';

export interface CompositionUnderTest {
  slipway: TestSlipway;
  composition: Composition;
  /** The composition of another machine: the same Redis, mirrors of its own. */
  anotherHost: Composition;
}

/** The composition of a worker process, in this process and on real stores; it is closed when the test ends. */
export async function compositionUnderTest(
  options: Parameters<typeof testSlipway>[1] = {},
): Promise<CompositionUnderTest> {
  const slipway = await testSlipway('github', options);
  onTestFinished(() => slipway.stop());
  const config = await loadServerConfig(slipway.config, slipway.env, forgeTypes);
  const compositionWith = (dataDir: string) => {
    const options = { name: 'test', role: 'worker', logLevel: 'silent' } as const;
    const parts = createParts({ ...config, dataDir }, options, process.env);
    onTestFinished(() => parts.close());
    return parts.composition();
  };
  return {
    slipway,
    composition: compositionWith(config.dataDir),
    anotherHost: compositionWith(join(slipway.dir, 'another')),
  };
}

/** A repository without a webhook: the test itself delivers. */
export async function quietRepository(
  slipway: TestSlipway,
  files: (namespace: string) => Record<string, string>,
  face: Face = 'github',
): Promise<TestRepository> {
  const repository = new TestRepository(slipway, face, uniqueNamespace('loans'));
  await slipway.forge.createRepository(face, repository.name, { files: files(repository.namespace) });
  return repository;
}

/** Records the webhook of a push as the server does. */
export async function announce(
  { deliveries }: Pick<Composition, 'deliveries'>,
  repository: TestRepository,
  commit: string,
  branch = 'main',
  said: Partial<NewDelivery> = {},
): Promise<string> {
  const id = `${repository.face}:${commit}-${branch}`;
  const ref = `refs/heads/${branch}`;
  const from = { kind: 'webhook', forge: repository.face, event: 'push', known: true } as const;
  const receivedAt = Date.now();
  await deliveries.accept([{ ...from, id, repository: repository.id, ref, commit, receivedAt, ...said }]);
  return id;
}
