import type { KubeObject } from '../../model/object.ts';
import { asksBeforePrune } from '../../model/sync-options.ts';
import type { Prune } from '../../model/target.ts';
import { ownEntry } from '../managed-fields.ts';
import type { Session } from '../session.ts';
import { isLeaving, whyKept } from './prune-guard.ts';

/** What holds where slipway.yaml says nothing. */
export const defaultPrune: Prune = { maxShare: 0.3, propagation: 'background' };

/** So few objects are deleted without asking, unless nothing may be: small apps change as a whole. */
const alwaysFewerThan = 3;

/**
 * The candidates that a prune would really delete, where they are too many to be deleted without a person's word, or
 * one of them asks for it; else none. What the target had before this release is the whole that the share is of.
 */
export async function heldBack(
  session: Session,
  candidates: KubeObject[],
  whole: boolean,
): Promise<KubeObject[]> {
  const { members } = await session.live;
  const { id } = session.parent;
  const doomed = candidates.filter((object) => !isLeaving(object) && !whyKept(object, id, whole));
  if (whole || doomed.some(asksBeforePrune)) return doomed;
  if (doomed.length < alwaysFewerThan && session.maxPruneShare > 0) return [];
  const own = [...members.values()].filter(ownEntry);
  return doomed.length / own.length > session.maxPruneShare ? doomed : [];
}
