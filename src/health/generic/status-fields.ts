import { isObject, objectAt, objectOf, textAt } from '../../model/json.ts';
import type { JsonObject, JsonValue, KubeObject } from '../../model/object.ts';
import { oneLine } from '../text.ts';
import { failed, healthy, progressing, suspended, type Verdict } from '../verdict.ts';
import { partVerdict } from './by-conditions.ts';
import { countFindings } from './counts.ts';
import { type Finding, fieldFinding, pairFindings } from './finding.ts';
import { isUnfinished } from './finite.ts';
import { byWeight, wordsIn } from './vocabulary.ts';

/** Objects within objects are searched this deep: `status.cluster.state`. */
const MAX_DEPTH = 3;
/** Fields that are read of one status, whose size its writer decides. */
const MAX_FIELDS = 1_000;

/** Fields of a list's entries that say how each is now, whatever is listed. */
const healthNames = new Set(['health', 'healthstatus', 'healthy', 'ready', 'isready']);
/** Lists named like this hold parts that exist now, so that the states of their entries count; others may be histories. */
const partNames = new Set(
  (
    'node member replica pod instance component resource cluster zone shard broker target endpoint volume service ' +
    'workload addon child children listener parent module provider machine container pool group partition worker ' +
    'server site region backend gateway dependency environment experiment trial check'
  ).split(' '),
);
/** Lists named like this hold what has been. */
const historyNames =
  /histor|event|attempt|revision|version|action|step|stage|transition|log|backup|snapshot|restore|result|record|build|release|execution|restart|tries|upgrade|update|change|migration|operation|runs|jobs|tasks/i;
/** Fields of entries that say when something was: the list is a history. */
const timeNames = /(time|timestamp|date|at|started|finished|revision|version)$/i;
/** Fields about another time, or about what should be. */
const otherTimes = new Set(
  'last previous old former desired target expected next history historical initial recent'.split(' '),
);
/** The last of these is the one that is in force: `lastOperation`, `lastReconcileStatus`. */
const currentWork = new Set([
  'operation',
  'reconcile',
  'reconciliation',
  'error',
  'errors',
  'apply',
  'update',
]);

/**
 * Health by the fields of a status that has no telling condition: words for states (`phase: Failed`), flags
 * (`ready: false`, `ready: 1/3`), counts that differ (`readyReplicas`), errors, and conditions of parts
 * (`zones[].conditions`). Fields at the top decide before those within objects. Undefined if the status says nothing about
 * health down to `maxDepth`. Lists may be histories: only those at the top are read, if no field there decides, and of most
 * only what their entries say of being healthy or ready.
 */
export function statusFieldsHealth(object: KubeObject, maxDepth = MAX_DEPTH): Verdict | undefined {
  const { status } = object;
  let level: JsonObject[] = [typeof status === 'string' ? { status } : objectOf(status)];
  let left = MAX_FIELDS;
  let good: Finding | undefined;
  for (let depth = 1; depth <= maxDepth && level.length > 0; depth += 1) {
    const fields = level.flatMap((one) => Object.entries(one)).slice(0, left);
    left -= fields.length;
    const read = fields.filter(([name, value]) => !isConditionList(name, value) && !isAboutOtherTime(name));
    const found = [
      ...read.flatMap(([name, value]) => fieldFinding(name, value) ?? []),
      ...level.flatMap((one) => pairFindings(one)),
      ...level.flatMap((one) => countFindings(one, depth === 1 ? objectAt(object, 'spec') : {})),
      ...(depth === 1 ? [] : level.flatMap((one) => partFinding(one, object))),
    ];
    if (depth === 1 && found.length === 0) found.push(...listFindings(read, object));
    const worst = worstOf(found, depth);
    if (worst?.meaning === 'healthy' && depth === 1) return contradiction(object) ?? verdictOf(worst, object);
    if (worst && worst.meaning !== 'healthy') return verdictOf(worst, object);
    good ??= worst;
    level = read.map(([, value]) => value).filter(isObject);
  }
  return good && verdictOf(good, object);
}

/** Lists of conditions are evaluated as such. */
function isConditionList(name: string, value: JsonValue): boolean {
  return name === 'conditions' && Array.isArray(value);
}

/**
 * A part of an object may be paused or disabled while the object works: below the top, that says nothing. What may be
 * outdated counts only if nothing says that the object is healthy.
 */
function worstOf(found: readonly Finding[], depth: number): Finding | undefined {
  const isHealthy = found.some(({ meaning }) => meaning === 'healthy');
  const telling = found
    .filter(({ meaning }) => depth === 1 || meaning !== 'suspended')
    .filter(({ weak }) => !weak || !isHealthy);
  return byWeight
    .map((meaning) => telling.find((one) => one.meaning === meaning))
    .find((one) => one !== undefined);
}

/** What the entries of lists say; of all lists together, the first `MAX_FIELDS` entries are read. */
function listFindings(fields: readonly [string, JsonValue][], owner: KubeObject): Finding[] {
  const entries = fields.flatMap(([name, value]) => {
    const objects = Array.isArray(value) ? value.filter(isObject).slice(0, MAX_FIELDS) : [];
    const isPart = objects.length > 0 && (listsParts(name) || !isHistory(name, objects));
    return objects.map((entry) => ({ entry, isPart }));
  });
  const found = entries.slice(0, MAX_FIELDS).flatMap(({ entry, isPart }) => [
    ...Object.entries(entry)
      .filter(([field]) => isPart || healthNames.has(field.toLowerCase()))
      .flatMap(([field, value]) => fieldFinding(field, value) ?? []),
    ...partFinding(entry, owner),
  ]);
  return found.filter((one) => !one.weak && isBad(one) && !/unknown/i.test(one.message));
}

function isBad({ meaning }: Finding): boolean {
  return meaning === 'failed' || meaning === 'progressing';
}

function isHistory(name: string, entries: readonly JsonObject[]): boolean {
  return (
    historyNames.test(name) || entries.some((one) => Object.keys(one).some((key) => timeNames.test(key)))
  );
}

/** `nodes`, `componentStatuses`, `aggregatedStatus`. */
function listsParts(name: string): boolean {
  const words = wordsIn(name);
  if (/^(status(es)?|states)$/.test(words.at(-1) ?? '')) return true;
  return words.some((word) => partNames.has(word) || partNames.has(word.replace(/s$/, '')));
}

/**
 * What says that an object has failed or is on its way although a condition or another field calls it ready: words for states and counts at
 * the top of its status, states of its parts, and failures in objects named like states (`modelStatus`). The work of an
 * operator besides, such as a backup, may fail while the object is ready.
 */
export function contradiction(object: KubeObject): Verdict | undefined {
  const fields = Object.entries(objectOf(object.status))
    .slice(0, MAX_FIELDS)
    .filter(([name, value]) => !isConditionList(name, value) && !isAboutOtherTime(name) && !isBesides(name));
  const found = [
    ...fields.flatMap(([name, value]) => fieldFinding(name, value) ?? []),
    ...countFindings(objectOf(object.status), objectAt(object, 'spec')),
    ...listFindings(fields, object),
    ...fields.filter(([name]) => /(status|state)$/i.test(name)).flatMap(([, value]) => failuresIn(value)),
  ].filter((one) => one.firm && isBad(one));
  const worst = worstOf(found, 1);
  return worst && verdictOf(worst, object);
}

function failuresIn(value: JsonValue): Finding[] {
  if (!isObject(value)) return [];
  const found = Object.entries(value)
    .slice(0, MAX_FIELDS)
    .filter(([name]) => !isAboutOtherTime(name) && !isBesides(name))
    .flatMap(([name, inner]) => fieldFinding(name, inner) ?? []);
  return found.filter(({ meaning }) => meaning === 'failed');
}

function isBesides(name: string): boolean {
  return wordsIn(name).some((word) => /^(backup|restore|snapshot|job)s?$/.test(word));
}

function partFinding(part: JsonObject, owner: KubeObject): Finding[] {
  if (!Array.isArray(part.conditions)) return [];
  const verdict = partVerdict(part, owner);
  if (!verdict || (verdict.state !== 'failed' && verdict.state !== 'progressing')) return [];
  const name = textAt(part, 'name');
  return [{ meaning: verdict.state, message: name === '' ? verdict.message : `${name}: ${verdict.message}` }];
}

function isAboutOtherTime(name: string): boolean {
  const words = wordsIn(name);
  if (words[0] === 'last' && words.slice(1).some((word) => currentWork.has(word))) return false;
  return words.some((word) => otherTimes.has(word));
}

function verdictOf({ meaning, message }: Finding, object: KubeObject): Verdict {
  if (meaning === 'healthy' && !isUnfinished(message, object)) return healthy(message);
  const why = textAt(object, 'status', 'message') || textAt(object, 'status', 'reason');
  const text = oneLine(why === '' || message.includes(why) ? message : `${message}: ${why}`, 300);
  if (meaning === 'failed') return failed(text);
  return meaning === 'suspended' ? suspended(text) : progressing(text);
}
