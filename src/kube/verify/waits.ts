import type { Unhealthy, Waits } from '../../ports/cluster.ts';
import type { Session } from '../session.ts';
import { type Applied, verifyApplied } from './verify.ts';
import { createBoard } from './verify-board.ts';

/**
 * Waits until these objects are healthy, and resolves to those that are not. What is healthy already costs neither
 * a request nor the release's place. Rejects as `verifyApplied` does.
 */
export async function untilHealthy(
  session: Session,
  applied: Applied[],
  waits: Waits,
  timeoutMs: number = session.target.timeoutMs,
): Promise<Unhealthy[]> {
  if (createBoard(applied, Date.now(), session.evaluateHealth, session.masks).pending().length === 0)
    return [];
  const { client, hub, members, evaluateHealth, masks, parent, target } = session;
  const options = { signal: waits.signal, timeoutMs, failFastMs: target.failFastMs };
  return waits.aside(() =>
    verifyApplied(applied, { client, hub, members, applySetId: parent.id, evaluateHealth, masks }, options),
  );
}
