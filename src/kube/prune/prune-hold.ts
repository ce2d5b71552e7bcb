import type { KubeObject } from '../../model/object.ts';
import { asksBeforePrune } from '../../model/sync-options.ts';
import type { ReleaseContext } from '../context.ts';
import type { Live } from '../live/live.ts';
import { ownEntry } from '../managed-fields.ts';
import { isBeingDeleted } from '../objects/gone.ts';
import { whyKept } from './prune-guard.ts';

/** Fewer objects than this are deleted unconfirmed, unless nothing may be: small apps change as a whole. */
const alwaysFewerThan = 3;

/**
 * Pure: the candidates that a prune would really delete, if they are too many to be deleted unconfirmed, or one of them
 * asks to be confirmed; else none. The share is of what the target had before this release.
 */
export function heldBack(
  { setId, maxPruneShare }: Pick<ReleaseContext, 'setId' | 'maxPruneShare'>,
  { members }: Pick<Live, 'members'>,
  candidates: KubeObject[],
  whole: boolean,
): KubeObject[] {
  const doomed = candidates.filter((object) => !isBeingDeleted(object) && !whyKept(object, setId, whole));
  if (whole || doomed.some(asksBeforePrune)) return doomed;
  if (doomed.length < alwaysFewerThan && maxPruneShare > 0) return [];
  const own = [...members.values()].filter(ownEntry);
  return doomed.length / own.length > maxPruneShare ? doomed : [];
}
