import { onTestFinished } from 'vitest';
import type { Composition } from '../../src/composition/composition.ts';
import { intake } from '../../src/intake/intake.ts';
import { createLeases } from '../../src/queue/leases.ts';
import { createLimiters } from '../../src/release/limiter.ts';
import type { ReleasePorts } from '../../src/release/ports.ts';
import type { TestRepository } from './repository.ts';

const neverAborts = new AbortController().signal;

/** The ports of a release as the deploy worker gives them, in this process. */
export async function releasePorts(composition: Composition): Promise<ReleasePorts> {
  const subscriber = composition.connect('worker');
  const leases = await createLeases(
    composition.redis,
    subscriber,
    composition.keys,
    composition.keys.desiredChannel,
  );
  onTestFinished(() => leases.close());
  return { ...composition, leases, limiter: createLimiters(() => 4) };
}

/** Pushes and runs an intake: the desired revision is written, and nothing is deployed. */
export async function pushAndLook(
  composition: Composition,
  repository: TestRepository,
  files: Record<string, string | null>,
): Promise<string> {
  const commit = await repository.push(files);
  await intake(repository.id, composition, neverAborts);
  return commit;
}
