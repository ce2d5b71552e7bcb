import type { KubeObject, RenderedObject } from '../../model/object.ts';
import { asksBeforePrune } from '../../model/sync-options.ts';
import type { ReleaseContext } from '../context.ts';
import type { Live } from '../live/live.ts';
import { ownEntry } from '../managed-fields.ts';
import { isBeingDeleted } from '../objects/gone.ts';
import { whyKept } from './prune-guard.ts';
import { withoutSuccessor } from './turned-over.ts';

/** Fewer objects than this are deleted unconfirmed, unless nothing may be: small apps change as a whole. */
const alwaysFewerThan = 3;

/**
 * Pure: the candidates that a prune would really delete, if they are too many to be deleted unconfirmed, or one of them
 * asks to be confirmed; else none. The share is of what the target had before this release. What `rendered` replaces is
 * no loss, unless every prune is to be confirmed.
 */
export function heldBack(
  { setId, maxPruneShare }: Pick<ReleaseContext, 'setId' | 'maxPruneShare'>,
  { members }: Pick<Live, 'members'>,
  candidates: KubeObject[],
  { rendered, whole }: { rendered: RenderedObject[]; whole: boolean },
): KubeObject[] {
  const doomed = candidates.filter((object) => !isBeingDeleted(object) && !whyKept(object, setId, whole));
  if (whole || doomed.some(asksBeforePrune)) return doomed;
  if (maxPruneShare === 0) return doomed;
  const lost = withoutSuccessor(doomed, rendered, members).length;
  const own = [...members.values()].filter(ownEntry);
  return lost >= alwaysFewerThan && lost / own.length > maxPruneShare ? doomed : [];
}
