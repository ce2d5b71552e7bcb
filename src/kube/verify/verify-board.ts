import { omitsObservedGeneration } from '../../health/generic.ts';
import { type EvaluateHealth, healthOf, isFinished } from '../../health/index.ts';
import { oneLine, withoutSecrets } from '../../health/text.ts';
import { failed, isSettled, progressing, type Verdict } from '../../health/verdict.ts';
import { describeReason } from '../../model/describe-failure.ts';
import { optionalNumberAt, textAt } from '../../model/json.ts';
import { type Masks, secretMasks } from '../../model/masks.ts';
import { type KubeObject, refKey, refOf } from '../../model/object.ts';
import type { Unhealthy } from '../../ports/cluster.ts';
import type { Applied } from '../apply/applied.ts';
import { templatePod } from '../diagnose/owner.ts';
import type { Diagnosis } from '../diagnose/reason.ts';
import { versionOf } from '../resource-version.ts';

export interface Entry {
  readonly applied: Applied;
  /** The newest known state. */
  object: KubeObject;
  verdict: Verdict;
  /** Its status may still describe the previous spec, and has no observedGeneration to tell. */
  stale: boolean;
  /** It was deleted; `object` is its last known state. */
  missing: boolean;
  /** The diagnosis of its pods; undefined if they are not watched or are healthy. */
  diagnosis: Diagnosis | undefined;
  /**
   * The result of the check for `verdict.inconclusive`. `settled`: no report is expected, the wait for this object ends;
   * `waiting`: its controller reports, wait for it; undefined: not checked yet.
   */
  checked: 'settled' | 'waiting' | undefined;
  /** Since when it has failed without interruption, by `performance.now`; undefined if it does not fail. */
  failingSince: number | undefined;
}

/** The health of all objects of one release. No I/O and no timers: callers pass in each event and its time (`performance.now`). */
export interface Board {
  readonly entries: readonly Entry[];
  entryOf(object: KubeObject): Entry | undefined;
  /** Records a state of an object from an event, a list or a read. Ignores a state older than the known one. */
  see(entry: Entry, object: KubeObject, now: number): void;
  /** Records that an object was deleted. `last` is its last state; undefined if that is unknown. */
  gone(entry: Entry, last: KubeObject | undefined, now: number): void;
  /** Records the diagnosis of an object's pods; undefined: they are healthy. */
  setDiagnosis(entry: Entry, diagnosis: Diagnosis | undefined, now: number): void;
  /** Records the result of the check for `verdict.inconclusive`. */
  settle(entry: Entry, checked: NonNullable<Entry['checked']>): void;
  pending(): Entry[];
  failing(): Entry[];
  /** `2 of 5 objects healthy; Deployment web: 1 of 3 pods ready`. */
  summary(): string;
}

export function createBoard(
  applied: Applied[],
  now: number,
  evaluateKnownHealth: EvaluateHealth = healthOf,
  masks: Masks = secretMasks,
): Board {
  const safeVerdict = createSafeVerdict(evaluateKnownHealth, masks);
  const byKey = new Map(applied.map((one) => [refKey(one.ref), newEntry(one, safeVerdict, now)]));
  const entries = [...byKey.values()];
  // Kept up to date, because every event of a thousand objects reads it.
  const open = new Set(entries.filter(isPending));
  const evaluateHealth = (entry: Entry, verdict: Verdict, now: number): void => {
    entry.verdict = verdict;
    if (isPending(entry)) open.add(entry);
    else open.delete(entry);
    if (!isPending(entry)) entry.diagnosis = undefined;
    entry.failingSince = isFailing(entry) ? (entry.failingSince ?? now) : undefined;
  };
  const see = (entry: Entry, object: KubeObject, now: number): void => {
    if (isOlder(object, entry.object)) return;
    entry.stale &&= versionOf(object) === versionOf(entry.applied.live);
    if (entry.stale) return;
    entry.object = object;
    entry.missing = false;
    evaluateHealth(entry, safeVerdict(object), now);
  };
  return {
    entries,
    entryOf: (object) => byKey.get(refKey(refOf(object))),
    see,
    gone(entry, last, now) {
      if (last && isOlder(last, entry.object)) return;
      if (last && isFinished(last)) return see(entry, last, now);
      if (isFinished(entry.object)) return;
      entry.missing = true;
      evaluateHealth(entry, failed('was deleted while the release waited for it'), now);
    },
    setDiagnosis(entry, diagnosis, now) {
      entry.diagnosis = diagnosis;
      evaluateHealth(entry, entry.verdict, now);
    },
    settle(entry, checked) {
      entry.checked = checked;
      const verdict = entry.stale ? safeVerdict(entry.object) : entry.verdict;
      entry.stale = false;
      evaluateHealth(entry, verdict, performance.now());
    },
    pending: () => [...open],
    failing: () => [...open].filter(isFailing),
    summary: () => summarize([...open], entries.length),
  };
}

export function isPending(entry: Entry): boolean {
  const { verdict, checked, applied } = entry;
  if (verdict.inconclusive === 'controller') return applied.created && checked !== 'settled';
  if (verdict.inconclusive === 'binding') return checked !== 'settled';
  return !isSettled(verdict);
}

function newEntry(applied: Applied, verdictOf: EvaluateHealth, now: number): Entry {
  const { live } = applied;
  const stale = applied.changed === true && omitsObservedGeneration(live);
  const verdict = stale ? progressing('waiting for its controller') : verdictOf(live);
  const failingSince = verdict.state === 'failed' ? now : undefined;
  return {
    applied,
    object: live,
    verdict,
    stale,
    missing: false,
    diagnosis: undefined,
    checked: undefined,
    failingSince,
  };
}

/** Masks and shortens the message, because it may reach statuses and logs at any time during the wait. */
function createSafeVerdict(evaluateKnownHealth: EvaluateHealth, masks: Masks): EvaluateHealth {
  return (object) => {
    const verdict = evaluateKnownHealth(object);
    if (isSettled(verdict)) return verdict;
    const message = withoutSecrets(masks.text(verdict.message, object), templatePod(object));
    return { ...verdict, message: oneLine(message, 300) };
  };
}

function isFailing(entry: Entry): boolean {
  return isPending(entry) && (entry.verdict.state === 'failed' || entry.diagnosis?.lasting === true);
}

/**
 * Whether a state is older than the known one, which happens because a shared watch may start at an earlier version.
 * Versions of one kind are increasing numbers (KEP-5504). If they are not numbers, generations of the same object are
 * compared.
 */
function isOlder(object: KubeObject, known: KubeObject): boolean {
  const [version, knownVersion] = [versionOf(object), versionOf(known)];
  if (!Number.isNaN(version - knownVersion)) return version < knownVersion;
  const sameObject = textAt(object, 'metadata', 'uid') === textAt(known, 'metadata', 'uid');
  const generation = (of: KubeObject) => optionalNumberAt(of, 'metadata', 'generation') ?? 0;
  return sameObject && generation(object) < generation(known);
}

/** The failure of an object that is not healthy. */
export function failureOf({ applied, verdict, diagnosis }: Entry): Unhealthy {
  const { summary, causes, hint } = diagnosis ?? { summary: verdict.message, causes: [] };
  const healthRule = verdict.isRuleBroken;
  return { code: 'UNHEALTHY', object: applied.ref, summary, hint, details: { causes, healthRule } };
}

function summarize(open: Entry[], all: number): string {
  const count = `${all - open.length} of ${all} objects healthy`;
  const first = open.find(isFailing) ?? open[0];
  if (!first) return count;
  const { kind, name } = first.applied.ref;
  return `${count}; ${kind} ${name}: ${describeReason(failureOf(first))}`;
}
