import type { ObjectChange } from '../model/change-set.ts';
import type { Notice } from '../model/notice.ts';
import { shortName, type Target } from '../model/target.ts';
import type { ReleaseEnd } from '../ports/releases.ts';

/** A notice names so many objects and counts the others. */
const mostNamed = 3;

/** How to confirm comes before the names: a commit status ends after 140 characters. */
export function heldNotice(target: Target, held: ObjectChange[]): Notice {
  const trailer = `slipway.dev/confirm-prune: ${target.app}`;
  return {
    kind: 'prune-held',
    summary: `${counted(held)} would be deleted, confirm with ${trailer}`,
    ...named(held),
    hint: `To delete them, write ${trailer} in the last lines of a commit message, or run slipway deploy ${shortName(target)} --confirm-prune.`,
  };
}

/** The trailer was written before anybody knew that the release of a possible successor would fail. */
export function pausedNotice(target: Target, held: ObjectChange[], doubt: string): Notice {
  return {
    kind: 'prune-paused',
    summary: `${doubt}, and may still take over some of ${counted(held)}`,
    hint: `The next commit tries again. To delete them now, run slipway deploy ${shortName(target)} --confirm-prune.`,
  };
}

/** An object that could not be deleted does not fail the release: a notice reports it, and the next release retries. */
export function leftEnd(changes: ObjectChange[]): Pick<ReleaseEnd, 'unfinished' | 'notices'> {
  const left = changes.filter(({ stays }) => stays);
  const [first] = left;
  if (!first) return {};
  const { summary = 'it is still there', hint } = first.failure ?? first.notice ?? {};
  return { unfinished: true, notices: [{ kind: 'not-deleted', summary, hint, ...named(left, 1) }] };
}

/** The objects that remain of a removed target, which is therefore still listed. */
export function keptNotices(target: Target, changes: ObjectChange[]): Notice[] {
  const kept = changes.filter(({ action }) => action === 'skipped');
  if (kept.length === 0) return [];
  const hint = `Delete by hand what is not needed; slipway deploy ${shortName(target)} then forgets the target.`;
  return [{ kind: 'kept', summary: counted(kept), hint, ...named(kept) }];
}

function counted(changes: ObjectChange[]): string {
  return changes.length === 1 ? '1 object' : `${changes.length} objects`;
}

function named(changes: ObjectChange[], most = mostNamed): Pick<Notice, 'objects' | 'count'> {
  return { objects: changes.slice(0, most).map(({ ref }) => ref), count: changes.length };
}
