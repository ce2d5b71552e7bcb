import { onTestFinished } from 'vitest';
import { intake } from '../../src/intake/intake.ts';
import type { Parts } from '../../src/parts/parts.ts';
import { createTurns } from '../../src/queue/turns.ts';
import { createGates } from '../../src/release/gate.ts';
import type { ReleasePorts } from '../../src/release/ports.ts';
import type { TestRepository } from './repository.ts';

const never = new AbortController().signal;

/** What the deploy worker gives to a release, in this process. */
export async function releasePorts(parts: Parts): Promise<ReleasePorts> {
  const subscriber = parts.connect('worker');
  const turns = await createTurns(parts.redis, subscriber, parts.keys, parts.keys.desiredChannel);
  onTestFinished(() => turns.close());
  return { ...parts, turns, gate: createGates(() => 4) };
}

/** A push that an intake has looked at: desired is written, nothing is deployed. */
export async function pushAndLook(
  parts: Parts,
  repository: TestRepository,
  files: Record<string, string | null>,
): Promise<string> {
  const commit = await repository.push(files);
  await intake(repository.id, parts, never);
  return commit;
}
