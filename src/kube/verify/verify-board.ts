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
  /** The newest state that was seen. */
  object: KubeObject;
  verdict: Verdict;
  /** Its status may still be about what it asked for before, and does not say so. */
  stale: boolean;
  /** It was deleted; `object` is its last known state. */
  missing: boolean;
  /** What its pods report and its own status does not; undefined if they are not watched, or are well. */
  diagnosis: Diagnosis | undefined;
  /** What came of asking the cluster about `verdict.inconclusive`; undefined: not known yet. */
  response: 'settled' | 'waits' | undefined;
  /** Since when it fails without a break, in milliseconds since the epoch. */
  failingSince: number | undefined;
}

/** How all objects of one release stand. Pure: it is told what happened and when. */
export interface Board {
  readonly entries: readonly Entry[];
  entryOf(object: KubeObject): Entry | undefined;
  /** A state of one of the objects, from an event, a list or a read; older ones than the known are ignored. */
  see(entry: Entry, object: KubeObject, now: number): void;
  /** It is no longer there; `last` is its last state, where that is known. */
  gone(entry: Entry, last: KubeObject | undefined, now: number): void;
  learn(entry: Entry, diagnosis: Diagnosis | undefined, now: number): void;
  /** What came of asking the cluster about the object. */
  settle(entry: Entry, response: NonNullable<Entry['response']>): void;
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
  // Kept and not searched for: every event of a thousand objects asks.
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
    learn(entry, diagnosis, now) {
      entry.diagnosis = diagnosis;
      evaluateHealth(entry, entry.verdict, now);
    },
    settle(entry, response) {
      entry.response = response;
      const verdict = entry.stale ? safeVerdict(entry.object) : entry.verdict;
      entry.stale = false;
      evaluateHealth(entry, verdict, Date.now());
    },
    pending: () => [...open],
    failing: () => [...open].filter(isFailing),
    summary: () => summarize([...open], entries.length),
  };
}

export function isPending(entry: Entry): boolean {
  const { verdict, response, applied } = entry;
  if (verdict.inconclusive === 'controller') return applied.created && response !== 'settled';
  if (verdict.inconclusive === 'binding') return response !== 'settled';
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
    response: undefined,
    failingSince,
  };
}

/** Its message reaches statuses and logs at any moment of the wait. */
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
 * Whether a state came before the known one: watches shared with others start at an earlier version. Versions of
 * one kind are numbers that grow (KEP-5504); where they are not, an older generation of the same object tells.
 */
function isOlder(object: KubeObject, known: KubeObject): boolean {
  const [version, knownVersion] = [versionOf(object), versionOf(known)];
  if (!Number.isNaN(version - knownVersion)) return version < knownVersion;
  const sameObject = textAt(object, 'metadata', 'uid') === textAt(known, 'metadata', 'uid');
  const generation = (of: KubeObject) => optionalNumberAt(of, 'metadata', 'generation') ?? 0;
  return sameObject && generation(object) < generation(known);
}

/** What is known of an object that is not healthy. */
export function failureOf({ applied, verdict, diagnosis }: Entry): Unhealthy {
  const { summary, causes } = diagnosis ?? { summary: verdict.message, causes: [] };
  const healthRule = verdict.isRuleBroken;
  return { code: 'UNHEALTHY', object: applied.ref, summary, details: { causes, healthRule } };
}

function summarize(open: Entry[], all: number): string {
  const count = `${all - open.length} of ${all} objects healthy`;
  const first = open.find(isFailing) ?? open[0];
  if (!first) return count;
  const { kind, name } = first.applied.ref;
  return `${count}; ${kind} ${name}: ${describeReason(failureOf(first))}`;
}
