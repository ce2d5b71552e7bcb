import { isObject, numberAt, objectAt, objectOf, optionalNumberAt, textAt } from '../model/json.ts';
import type { JsonObject, JsonValue, KubeObject } from '../model/object.ts';
import { oneLine } from './text.ts';
import { failed, healthy, progressing, suspended, type Verdict } from './verdict.ts';
import { type Meaning, meaningOf, wordsIn } from './vocabulary.ts';

/** A field of the status that says something about health. */
interface Finding {
  meaning: Meaning;
  message: string;
}

/** Objects within objects are searched this deep: `status.cluster.state`. */
const MAX_DEPTH = 3;
/** Fields that are read of one status, whose size its writer decides. */
const MAX_FIELDS = 1_000;
/** The worst finding counts. */
const byWeight: readonly Meaning[] = ['failed', 'progressing', 'suspended', 'healthy'];

const stateWords = new Set(['phase', 'state', 'status', 'health', 'condition', 'compliant', 'compliance']);
const flagNames = new Set([
  'ready',
  'isready',
  'available',
  'healthy',
  'synced',
  'initialized',
  'statusreplicas',
]);
const errorNames = new Set(['error', 'errormessage', 'failuremessage', 'failurereason']);
/** Fields of a list's entries that say how each is now; a list of states may be a history. */
const healthNames = new Set(['health', 'healthstatus', 'healthy', 'ready', 'isready']);
/** Last words of kinds whose work ends: one that is running is not done. */
const finiteKinds = new Set(['backup', 'restore', 'snapshot', 'build', 'migration', 'upgrade', 'run']);
/** Fields about another time, or about what should be. */
const otherTimes = new Set([
  'last',
  'previous',
  'old',
  'former',
  'desired',
  'target',
  'expected',
  'next',
  'history',
]);

/**
 * Health by the fields of a status that has no telling condition: words for states (`phase: Failed`), flags
 * (`ready: false`, `ready: 1/3`), counts that differ (`readyReplicas`) and errors. Fields at the top decide before those
 * within objects. Undefined if the status says nothing about health. Lists may be histories: of those at the top, and only
 * if no field there decides, entries count that say themselves that they are not healthy or not ready.
 */
export function statusFieldsHealth(object: KubeObject): Verdict | undefined {
  const { status } = object;
  let level: JsonObject[] = [typeof status === 'string' ? { status } : objectOf(status)];
  let left = MAX_FIELDS;
  for (let depth = 1; depth <= MAX_DEPTH && level.length > 0; depth += 1) {
    const fields = level.flatMap((one) => Object.entries(one)).slice(0, left);
    left -= fields.length;
    const read = fields.filter(([name]) => name !== 'conditions' && !isAboutOtherTime(name));
    const found = [
      ...read.flatMap(([name, value]) => findingIn(name, value) ?? []),
      ...level.flatMap((one) => countFindings(one, depth === 1 ? objectAt(object, 'spec') : {})),
    ];
    if (depth === 1 && found.length === 0) found.push(...read.flatMap(([, value]) => listFindings(value)));
    const worst = worstOf(found, depth);
    if (worst) return verdictOf(worst, object);
    level = read.map(([, value]) => value).filter(isObject);
  }
  return undefined;
}

/** A part of an object may be paused or disabled while the object works: below the top, that says nothing. */
function worstOf(found: Finding[], depth: number): Finding | undefined {
  const telling = depth === 1 ? found : found.filter(({ meaning }) => meaning !== 'suspended');
  return byWeight
    .map((meaning) => telling.find((one) => one.meaning === meaning))
    .find((one) => one !== undefined);
}

function listFindings(value: JsonValue): Finding[] {
  if (!Array.isArray(value)) return [];
  return value
    .filter(isObject)
    .slice(0, MAX_FIELDS)
    .flatMap((entry) => Object.entries(entry))
    .filter(([name]) => healthNames.has(name.toLowerCase()))
    .flatMap(([name, field]) => findingIn(name, field) ?? [])
    .filter(({ meaning }) => meaning === 'failed' || meaning === 'progressing');
}

function isAboutOtherTime(name: string): boolean {
  return wordsIn(name).some((word) => otherTimes.has(word));
}

function findingIn(name: string, value: JsonValue): Finding | undefined {
  const key = name.toLowerCase();
  if (flagNames.has(key)) {
    const flag = flagFinding(name, value);
    if (flag) return flag;
  }
  if (typeof value !== 'string' || value === '') return undefined;
  if (errorNames.has(key)) return { meaning: 'failed', message: `${name}: ${value}` };
  if (!stateWords.has(wordsIn(name).at(-1) ?? '')) return undefined;
  const meaning = meaningOf(value);
  const isPlain = key === 'phase' || key === 'state' || key === 'status';
  return meaning && { meaning, message: isPlain ? value : `${name}: ${value}` };
}

/** `false`, `"False"` and `1/3` are not ready yet; `true` and `3/3` are. */
function flagFinding(name: string, value: JsonValue): Finding | undefined {
  const text = String(value).toLowerCase();
  const [, ready, all] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const isGood = text === 'true' || (ready !== undefined && Number(ready) >= Number(all));
  if (!isGood && text !== 'false' && ready === undefined) return undefined;
  return { meaning: isGood ? 'healthy' : 'progressing', message: `${name}: ${text}` };
}

/** `readyReplicas` and the like against the number that the object asks for. Zeros may be omitted from a status. */
function countFindings(status: JsonObject, spec: JsonObject): Finding[] {
  return Object.keys(status).flatMap((name): Finding[] => {
    const [, kind = '', noun = ''] = /^(ready|available|updated)([A-Z]\w*)$/.exec(name) ?? [];
    const count = optionalNumberAt(status, name);
    const wanted = count === undefined ? undefined : wantedCount(status, spec, noun);
    if (count === undefined || wanted === undefined) return [];
    if (kind === 'updated' && isPartial(spec)) return [];
    const thing = noun.charAt(0).toLowerCase() + noun.slice(1);
    const message = `${count} of ${wanted} ${thing} ${kind}`;
    return [{ meaning: count < wanted ? 'progressing' : 'healthy', message }];
  });
}

function wantedCount(status: JsonObject, spec: JsonObject, noun: string): number | undefined {
  const name = noun.charAt(0).toLowerCase() + noun.slice(1);
  return (
    optionalNumberAt(spec, name) ??
    optionalNumberAt(status, `desired${noun}`) ??
    optionalNumberAt(status, `total${noun}`) ??
    optionalNumberAt(status, name)
  );
}

/** A partition or a pause keeps replicas at an old revision on purpose. */
function isPartial(spec: JsonObject): boolean {
  const strategies = [spec, ...Object.values(spec).filter(isObject)];
  const levels = [...strategies, ...strategies.flatMap((one) => Object.values(one).filter(isObject))];
  return levels.some(
    (one) => one.paused === true || numberAt(one, 'partition') > 0 || textAt(one, 'partition') !== '',
  );
}

function verdictOf({ meaning, message }: Finding, object: KubeObject): Verdict {
  if (meaning === 'healthy' && !isUnfinished(message, object)) return healthy(message);
  const why = textAt(object, 'status', 'message') || textAt(object, 'status', 'reason');
  const text = oneLine(why === '' || message.includes(why) ? message : `${message}: ${why}`, 300);
  if (meaning === 'failed') return failed(text);
  return meaning === 'suspended' ? suspended(text) : progressing(text);
}

function isUnfinished(message: string, { kind }: KubeObject): boolean {
  return finiteKinds.has(wordsIn(kind).at(-1) ?? '') && wordsIn(message).includes('running');
}
