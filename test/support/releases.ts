import { onTestFinished } from 'vitest';
import type { Composition } from '../../src/composition/composition.ts';
import { intake } from '../../src/intake/intake.ts';
import { type Target, targetId } from '../../src/model/target.ts';
import type { Found } from '../../src/ports/desired.ts';
import { createLeases } from '../../src/queue/leases.ts';
import { createLimiters } from '../../src/release/limiter.ts';
import type { ReleasePorts } from '../../src/release/ports.ts';
import type { TestRepository } from './repository.ts';
import { aTarget } from './targets.ts';

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

/** Writes and enqueues the apps `app-0`, `app-1`, … of one push to `staging`, as an intake does. */
export async function desireApps(
  { desired, wakeUps }: Composition,
  repository: string,
  commit: string,
  count: number,
  fields: Partial<Target>,
): Promise<void> {
  const found = Array.from({ length: count }, (_, i): Found => {
    const identity = { repository, app: `app-${i}`, environment: 'staging' };
    const target = aTarget({ ...identity, id: targetId(identity), ...fields });
    return { target, commit, contentKey: 'key', cause: { kind: 'push' }, retry: false };
  });
  const sequence = await desired.nextSequence(repository);
  await wakeUps.enqueueDeploys((await desired.setDesired(repository, sequence, found)) ?? []);
}
