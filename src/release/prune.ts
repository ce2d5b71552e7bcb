import type { ChangeSet, ObjectChange } from '../model/change-set.ts';
import type { RenderedObject } from '../model/object.ts';
import { shortName, type Target } from '../model/target.ts';
import type { ClusterRun, PruneOptions } from '../ports/cluster.ts';
import type { Mirrors } from '../ports/git.ts';
import type { ReleaseEnd } from '../ports/releases.ts';
import type { Attempt } from './attempt.ts';
import { isConfirmed } from './confirm-prune.ts';
import { about } from './refusal.ts';

/** So many objects are named in a status. */
const named = 3;

export interface Pruned extends ChangeSet, Pick<ReleaseEnd, 'held' | 'reason' | 'hint'> {}

/**
 * Prunes, and where that would delete more than the target's share, asks whether a person has confirmed it: with
 * the deploy that was asked for by hand, or in the message of a commit since the release in force. `whole` is for a
 * target that is to go: while it is in doubt whether another takes over its objects, a message alone deletes nothing.
 */
export async function pruneGuarded(
  { target, desired, turn }: Attempt,
  run: ClusterRun,
  objects: RenderedObject[],
  mirrors: Mirrors,
  whole?: { doubts: string[] },
): Promise<Pruned> {
  const options: PruneOptions = { signal: turn.signal, fence: turn.fence, whole: whole !== undefined };
  const confirmed = desired.cause.confirmPrune === true;
  const first = withStuck(target, await run.prune(objects, { ...options, confirmed }));
  const held = first.changes.filter((change) => change.held);
  if (held.length === 0) return first;
  const mirror = mirrors.open(target.repository);
  const messages = await mirror.messages(desired.commit, run.record?.inForce?.commit);
  if (!isConfirmed(messages, target)) return { ...first, held: true, ...wordsOf(target, held) };
  const [doubt] = whole?.doubts ?? [];
  if (doubt === undefined)
    return withStuck(target, await run.prune(objects, { ...options, confirmed: true }));
  return { ...first, held: true, ...doubtfulWords(target, held, doubt) };
}

/** What could not be deleted is no failure of what was deployed, and still has to be said. */
function withStuck(target: Target, { changes }: ChangeSet): Pruned {
  const stuck = changes.find(({ action }) => action === 'failed');
  if (!stuck) return { changes };
  const reason = `not deleted: ${about(target, stuck.ref, stuck.reason ?? 'refused')}`;
  return { changes, reason, hint: stuck.hint };
}

/** The trailer was written before anybody knew that what takes over the objects would fail. */
function doubtfulWords(
  target: Target,
  held: ObjectChange[],
  doubt: string,
): { reason: string; hint: string } {
  return {
    reason: `prune held although confirmed: ${doubt}, and may still take over some of ${held.length} objects`,
    hint: `It is looked at again with the next commit. To delete them now, run slipway deploy ${shortName(target)} --confirm-prune.`,
  };
}

/** How to confirm comes before the names: a commit status ends after 140 characters. */
function wordsOf(target: Target, held: ObjectChange[]): { reason: string; hint: string } {
  const names = held.slice(0, named).map(({ ref }) => about(target, ref, '').slice(0, -2));
  const more = held.length > named ? ` and ${held.length - named} more` : '';
  const what = held.length === 1 ? '1 object' : `${held.length} objects`;
  const trailer = `slipway.dev/confirm-prune: ${target.app}`;
  return {
    reason: `prune held: ${what} would be deleted, confirm with ${trailer} (${names.join(', ')}${more})`,
    hint: `To delete them, write ${trailer} in the last lines of a commit's message, or run slipway deploy ${shortName(target)} --confirm-prune.`,
  };
}
