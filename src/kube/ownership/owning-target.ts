import type { TargetId } from '../../model/target.ts';
import type { Claim } from '../../ports/cluster.ts';
import type { FinishedJobs } from '../finished-jobs.ts';
import { parentOfSet } from '../parent.ts';
import type { Session } from '../session.ts';

/** The target that has deployed an object, and what the session's own may do about it. */
export interface OwningTarget {
  target: TargetId;
  claim: Claim;
  /** Jobs that it saw end well and that were cleaned up since. */
  finished: FinishedJobs;
}

/**
 * The target whose set has this id; undefined where it is no target of Slipway's on this cluster. Asked once a run,
 * however many objects the set has.
 */
export function owningTarget(
  session: Session,
  setId: string,
  signal: AbortSignal,
): Promise<OwningTarget | undefined> {
  const known = session.owners.get(setId);
  if (known) return known;
  const asked = ask(session, setId, signal);
  session.owners.set(setId, asked);
  asked.catch(() => session.owners.delete(setId));
  return asked;
}

async function ask(
  { client, parent, claim }: Session,
  setId: string,
  signal: AbortSignal,
): Promise<OwningTarget | undefined> {
  const other = await parentOfSet(client, parent.key.namespace, setId, signal);
  if (!other) return undefined;
  const { target, finished } = other;
  return { target, finished, claim: await claim(target) };
}
