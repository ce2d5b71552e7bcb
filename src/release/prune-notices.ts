import type { ObjectChange } from '../model/change-set.ts';
import type { Notice } from '../model/notice.ts';
import { shortName, type Target } from '../model/target.ts';
import type { ReleaseEnd } from '../ports/releases.ts';

/** A notice names up to this many objects and counts all of them. */
const MAX_NAMED = 3;

/** The trailer comes before the names, because a commit status is cut after 140 characters. */
export function heldNotice(target: Target, held: ObjectChange[]): Notice {
  const trailer = `slipway.dev/confirm-prune: ${target.app}`;
  return {
    kind: 'prune-held',
    summary: `${countObjects(held)} would be deleted, confirm with ${trailer}`,
    ...nameObjects(held),
    hint: `To delete them, write ${trailer} in the last lines of a commit message, or run slipway deploy ${shortName(target)} --confirm-prune.`,
  };
}

/** The trailer does not suffice: its author could not know that the release of a possible successor would fail. */
export function pausedNotice(target: Target, held: ObjectChange[], doubt: string): Notice {
  return {
    kind: 'prune-paused',
    summary: `${doubt}, and may still take over some of ${countObjects(held)}`,
    hint: `The next commit tries again. To delete them now, run slipway deploy ${shortName(target)} --confirm-prune.`,
  };
}

/** An object that could not be deleted does not fail the release. A notice reports it, and the next release retries. */
export function undeletedEnd(changes: ObjectChange[]): Pick<ReleaseEnd, 'unfinished' | 'notices'> {
  const left = changes.filter(({ stays }) => stays);
  const [first] = left;
  if (!first) return {};
  const { summary = 'it still exists', hint } = first.failure ?? first.notice ?? {};
  return { unfinished: true, notices: [{ kind: 'not-deleted', summary, hint, ...nameObjects(left, 1) }] };
}

/** The objects that remain of a removed target, which is therefore still listed. */
export function keptNotices(target: Target, changes: ObjectChange[]): Notice[] {
  const kept = changes.filter(({ action }) => action === 'skipped');
  if (kept.length === 0) return [];
  const hint = `Delete by hand what is not needed; slipway deploy ${shortName(target)} then forgets the target.`;
  return [{ kind: 'kept', summary: countObjects(kept), hint, ...nameObjects(kept) }];
}

function countObjects(changes: ObjectChange[]): string {
  return changes.length === 1 ? '1 object' : `${changes.length} objects`;
}

function nameObjects(changes: ObjectChange[], most = MAX_NAMED): Pick<Notice, 'objects' | 'count'> {
  return { objects: changes.slice(0, most).map(({ ref }) => ref), count: changes.length };
}
