import type { Applied } from '../apply/applied.ts';
import type { ReleaseContext } from '../context.ts';
import type { Writing } from '../writing.ts';
import { createPodReplacer } from './replace-stuck-pods.ts';
import { type HealthOutcome, healthy, verifyApplied } from './verify.ts';
import { createBoard } from './verify-board.ts';

/**
 * Waits until these objects are healthy, and resolves to those that are not. If all are healthy already, it sends no
 * request and keeps the release's permit. Rejects as `verifyApplied` does.
 */
export async function untilHealthy(
  context: ReleaseContext,
  applied: Applied[],
  { waits, lease, signal }: Pick<Writing, 'waits' | 'lease' | 'signal'>,
  timeoutMs: number = context.target.timeoutMs,
): Promise<HealthOutcome> {
  const { evaluateHealth, masks, target } = context;
  if (createBoard(applied, performance.now(), evaluateHealth, masks).pending().length === 0) return healthy;
  const options = { signal: waits.signal, timeoutMs, failFastMs: target.failFastMs };
  const replacer = createPodReplacer(context, { lease, signal });
  return waits.withoutPermit(() => verifyApplied(applied, { ...context, replacer }, options));
}
