import type { ObjectChange } from '../model/change-set.ts';
import { shortName, type Target } from '../model/target.ts';
import type { ReleaseEnd } from '../ports/releases.ts';
import { about } from './refusal.ts';

/** So many objects are named in a status. */
const named = 3;

type Words = Pick<ReleaseEnd, 'reason' | 'hint'>;

/** How to confirm comes before the names: a commit status ends after 140 characters. */
export function describeHeld(target: Target, held: ObjectChange[]): Words {
  const trailer = `slipway.dev/confirm-prune: ${target.app}`;
  return {
    reason: `prune held: ${counted(held)} would be deleted, confirm with ${trailer} (${namesOf(target, held)})`,
    hint: `To delete them, write ${trailer} in the last lines of a commit's message, or run slipway deploy ${shortName(target)} --confirm-prune.`,
  };
}

/** The trailer was written before anybody knew that what takes over the objects would fail. */
export function describeDoubt(target: Target, held: ObjectChange[], doubt: string): Words {
  return {
    reason: `prune held although confirmed: ${doubt}, and may still take over some of ${counted(held)}`,
    hint: `It is looked at again with the next commit. To delete them now, run slipway deploy ${shortName(target)} --confirm-prune.`,
  };
}

/** What could not be deleted is no failure of what was deployed; it is told, and looked at again. */
export function describeLeft(
  target: Target,
  changes: ObjectChange[],
): Words & Pick<ReleaseEnd, 'unfinished'> {
  const [first, ...others] = changes.filter((change) => change.stays);
  if (!first) return {};
  const why = (first.reason ?? 'refused').replace(/^kept: /, '');
  const more = others.length > 0 ? `; and ${others.length} more` : '';
  return {
    unfinished: true,
    reason: `not deleted: ${about(target, first.ref, why)}${more}`,
    hint: first.hint,
  };
}

/** What stays of a target that is no more, and so is still listed; undefined: nothing. */
export function describeKept(target: Target, changes: ObjectChange[]): Words {
  const kept = changes.filter(({ action }) => action === 'skipped');
  if (kept.length === 0) return {};
  return {
    reason: `kept: ${namesOf(target, kept)}`,
    hint: `Delete by hand what is not needed; then slipway deploy ${shortName(target)} forgets the rest of it.`,
  };
}

function counted(changes: ObjectChange[]): string {
  return changes.length === 1 ? '1 object' : `${changes.length} objects`;
}

function namesOf(target: Target, changes: ObjectChange[]): string {
  const names = changes.slice(0, named).map(({ ref }) => about(target, ref, '').slice(0, -2));
  const more = changes.length > named ? ` and ${changes.length - named} more` : '';
  return `${names.join(', ')}${more}`;
}
