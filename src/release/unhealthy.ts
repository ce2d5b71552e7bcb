import type { ChangeSet } from '../model/change-set.ts';
import { refKey } from '../model/object.ts';
import type { Target } from '../model/target.ts';
import type { Unhealthy } from '../ports/cluster.ts';
import type { ReleaseEnd } from '../ports/releases.ts';
import { about } from './refusal.ts';

/** So many objects are told of one by one; of a thousand that fail, one cause is behind them all. */
const told = 5;

/** Why a release failed that is applied and not healthy, and the next step; its objects say it too. */
export function unhealthyEnd(
  target: Target,
  unhealthy: Unhealthy[],
  changeSet: ChangeSet,
): Pick<ReleaseEnd, 'reason' | 'hint' | 'changeSet'> {
  const first = unhealthy.slice(0, told).map(({ ref, message }) => about(target, ref, message));
  const more = unhealthy.length > told ? [`${unhealthy.length - told} more are not healthy`] : [];
  return {
    changeSet: marked(changeSet, unhealthy),
    reason: [...first, ...more].join('; '),
    hint: hintFor(target, unhealthy, changeSet),
  };
}

function hintFor({ timeoutMs }: Target, unhealthy: Unhealthy[], changeSet: ChangeSet): string {
  if (unhealthy.some(({ message }) => message.startsWith('health rule: '))) {
    return 'Correct the expression that the reason names, under health in slipway.yaml, and push again.';
  }
  const correct = `orrect what the reason names${fileOf(unhealthy, changeSet)} and push again.`;
  if (!unhealthy.some(({ late }) => late)) return `C${correct}`;
  return `It was waited for ${timeoutMs / 1_000} s. Where it only takes longer, raise timeout of the app in slipway.yaml; else c${correct}`;
}

function marked({ changes }: ChangeSet, unhealthy: Unhealthy[]): ChangeSet {
  const messages = new Map(unhealthy.map(({ ref, message }) => [refKey(ref), `not healthy: ${message}`]));
  return {
    changes: changes.map((change) => {
      const message = messages.get(refKey(change.ref));
      if (message === undefined) return change;
      return { ...change, reason: change.reason ? `${change.reason}; ${message}` : message };
    }),
  };
}

/** In the hint, since the reason has 140 characters on a commit. */
function fileOf([first]: Unhealthy[], { changes }: ChangeSet): string {
  const source = first && changes.find(({ ref }) => refKey(ref) === refKey(first.ref))?.source;
  return source === undefined ? '' : ` (${source})`;
}
