import { isObject, textAt } from '../../model/json.ts';
import type { JsonObject, JsonValue } from '../../model/object.ts';
import { type Meaning, meaningOf, stateMeaning, tellsFailure, wordsIn } from './vocabulary.ts';

/** A field of the status that says something about health. */
export interface Finding {
  meaning: Meaning;
  message: string;
  /** It may describe an earlier try: `lastError`. */
  weak?: boolean;
  /** It is a word for a state or a count, which controllers keep up to date, unlike errors that stay after they passed. */
  firm?: boolean;
}

/** Last words of fields that hold a word for a state. */
const stateWords = new Set(
  (
    'phase state status health healthy condition compliant compliance result outcome stage step readiness overall ' +
    'availability validity verdict'
  ).split(' '),
);
/** Last words of fields that hold an error. */
const errorWords = new Set(['error', 'errors', 'failure', 'failures']);
const errorNames = new Set(['errormessage', 'errormsg', 'errorreason', 'failuremessage', 'failurereason']);
/** Last words of fields that hold a sentence. */
const messageWords = new Set(['message', 'reason', 'details', 'description']);
/** Flags that are false until the object is there. */
const successFlags = new Set(
  (
    'ready available healthy synced synchronized initialized provisioned deployed created succeeded success reconciled ' +
    'installed configured bound connected accepted programmed registered applied completed valid established joined'
  ).split(' '),
);
/** Those that may end a longer name: `clusterReady`, but not `monitoringInstalled`, which may be false on purpose. */
const successEnds = new Set([
  'ready',
  'available',
  'healthy',
  'initialized',
  'provisioned',
  'synced',
  'reconciled',
]);
/** With one of these, a flag is about something new: `updateAvailable`. */
const newWords = ['update', 'upgrade', 'updates', 'upgrades', 'version', 'new'];
/** Lists of parts that are not ready. */
const lackNames = new Set(['unready', 'notready', 'unavailable', 'unhealthy']);
const countedNames = /ready|available|healthy|running|replicas|pods|nodes|members|instances/i;

/** What one field says; undefined if it says nothing about health. */
export function fieldFinding(name: string, value: JsonValue): Finding | undefined {
  const words = wordsIn(name);
  const found =
    shareFinding(name, value) ??
    flagFinding(words, name, value) ??
    (Array.isArray(value) ? listFinding(words, name, value) : undefined) ??
    (typeof value === 'string' && value !== '' ? textFinding(words, name, value) : undefined);
  return found && words[0] === 'last' ? { ...found, weak: true } : found;
}

/** `ready: 1/3` is not ready yet, `3/3` is. */
function shareFinding(name: string, value: JsonValue): Finding | undefined {
  if (typeof value !== 'string' || !countedNames.test(name)) return undefined;
  const [, count, all] = /^(\d+)\/(\d+)$/.exec(value) ?? [];
  if (count === undefined) return undefined;
  const isGood = Number(count) >= Number(all);
  return { meaning: isGood ? 'healthy' : 'progressing', message: `${name}: ${value}`, firm: true };
}

/**
 * `ready: false`, `"False"` and `"Unknown"` are not ready yet; `failed: true`, `isUpdating: true` and `paused: true` say what
 * they name.
 */
function flagFinding(words: string[], name: string, value: JsonValue): Finding | undefined {
  const text = String(value).toLowerCase();
  if (!['true', 'false', 'unknown'].includes(text)) return undefined;
  const plain = words.filter(
    (word, index) =>
      !(index === 0 && ['is', 'has', 'status'].includes(word)) &&
      !(index > 0 && index === words.length - 1 && ['condition', 'status'].includes(word)),
  );
  const last = plain.at(-1) ?? '';
  const message = `${name}: ${text}`;
  if (plain.length === 1 ? successFlags.has(last) : successEnds.has(last) && !meansOther(plain))
    return { meaning: text === 'true' ? 'healthy' : 'progressing', message };
  if (text === 'unknown') return undefined;
  const meaning = plain.length < words.length ? meaningOf(plain.join(' ')) : meaningOf(last);
  return text === 'true' && meaning && meaning !== 'healthy' ? { meaning, message } : undefined;
}

function meansOther(words: readonly string[]): boolean {
  return (
    words.some((word) => newWords.includes(word)) ||
    ['failed', 'progressing'].includes(meaningOf(words.join(' ')) ?? '')
  );
}

function listFinding(words: string[], name: string, value: JsonValue[]): Finding | undefined {
  const [first] = value;
  if (first === undefined || first === null) return undefined;
  if (lackNames.has(words.join(''))) return { meaning: 'progressing', message: `${name}: ${value.length}` };
  if (!errorWords.has(words.at(-1) ?? '')) return undefined;
  const text = isObject(first) ? textAt(first, 'message') || textAt(first, 'description') : String(first);
  return { meaning: 'failed', message: text === '' ? name : `${name}: ${text}` };
}

function textFinding(words: string[], name: string, value: string): Finding | undefined {
  const last = words.at(-1) ?? '';
  if (errorWords.has(last) || errorNames.has(words.join('')))
    return meaningOf(value) === 'healthy' ? undefined : { meaning: 'failed', message: `${name}: ${value}` };
  if (messageWords.has(last))
    return tellsFailure(value) || (last === 'reason' && /^\w+$/.test(value) && meaningOf(value) === 'failed')
      ? { meaning: 'failed', message: value, weak: true }
      : undefined;
  if (!stateWords.has(last)) return undefined;
  const meaning = stateMeaning(value);
  const isPlain = ['phase', 'state', 'status'].includes(words.join(''));
  return meaning && { meaning, message: isPlain ? value : `${name}: ${value}`, firm: true };
}

/** A condition written as two fields: `nodeConditionType: ClusterReady` and `nodeConditionStatus: "False"`. */
export function pairFindings(fields: JsonObject): Finding[] {
  return Object.keys(fields).flatMap((name): Finding[] => {
    const [, stem] = /^(.*[a-z])Type$/.exec(name) ?? [];
    const type = textAt(fields, name);
    const status = stem === undefined ? '' : textAt(fields, `${stem}Status`);
    if (type === '' || !['True', 'False'].includes(status)) return [];
    const meaning = meaningOf(type);
    const reason = textAt(fields, 'reason');
    const message = `${type} is ${status}${reason === '' ? '' : `: ${reason}`}`;
    if (status === 'True') return meaning ? [{ meaning, message }] : [];
    return meaning === 'healthy' ? [{ meaning: 'progressing', message }] : [];
  });
}
