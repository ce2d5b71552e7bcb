import { type FieldPath, parseFieldPath } from './field-path.ts';
import { groupKind, type KubeObject, refOf } from './object.ts';

/** Names fields of objects: what `ignore:` and `mask:` are made of. */
export interface FieldRule {
  /** `Kind`, of whatever group; `Kind.group`; `*`, or `*.group` for every kind of a group. */
  kind: string;
  /** `*` in it stands for any text. Undefined: all of the kind. */
  name?: string | undefined;
  /** As change sets show it; `[*]` for every entry of a list. */
  path: string;
}

/** What `FieldRule.kind` may be. */
export const fieldKindPattern = /^(\*|[A-Za-z][A-Za-z0-9]{0,62})(\.[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?)?$/;

/** The paths that rules name in an object. */
export type FieldMatcher = (object: KubeObject) => FieldPath[];

/** For rules whose paths were checked when their file was read. */
export function createFieldMatcher(rules: readonly FieldRule[] = []): FieldMatcher {
  const parsed = rules.map((rule) => ({ rule, path: parsedPath(rule) }));
  return (object) => parsed.flatMap(({ rule, path }) => (fits(rule, object) ? [path] : []));
}

// A rule that is passed over would show what it masks.
function parsedPath({ path }: FieldRule): FieldPath {
  const parsed = parseFieldPath(path);
  if (typeof parsed === 'string') throw new Error(`the path ${path} ${parsed}`);
  return parsed;
}

function fits({ kind, name }: FieldRule, object: KubeObject): boolean {
  const full = groupKind(refOf(object));
  const dot = kind.indexOf('.');
  const ofKind = dot < 0 ? kind : kind.slice(0, dot);
  if (ofKind !== '*' && ofKind !== object.kind) return false;
  if (dot >= 0 && full !== `${object.kind}${kind.slice(dot)}`) return false;
  return name === undefined || fitsPattern(name, object.metadata.name ?? object.metadata.generateName ?? '');
}

/** `*` stands for any text. In one walk from the left, so that no pattern costs more than its length. */
function fitsPattern(pattern: string, text: string): boolean {
  const [first = '', ...others] = pattern.split('*');
  const last = others.pop();
  if (last === undefined) return text === pattern;
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last))
    return false;
  let at = first.length;
  for (const part of others) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}

const identity = new Set(['name', 'namespace', 'generateName', 'uid', 'resourceVersion']);

/** Why a path cannot be named at all: it says which object this is. */
export function identityMistake([first, second]: FieldPath): string | undefined {
  const all = first?.kind !== 'key' || ['apiVersion', 'kind'].includes(first.key);
  const ofMetadata = first?.kind === 'key' && first.key === 'metadata';
  const names = ofMetadata && (second?.kind !== 'key' || identity.has(second.key));
  return all || names
    ? 'names what says which object it is, and that always shows and is always sent'
    : undefined;
}

/** Why a path cannot be left to others, as far as it says so itself. */
export function ignoreMistake(path: FieldPath): string | undefined {
  if (path.some(({ kind }) => kind === 'index')) {
    return 'names an entry by its place in the list: name it by its key, such as [name=app], or the whole list';
  }
  if (isKey(path[0], 'stringData')) return 'is stored under data: write data instead of stringData';
  const [, place, label] = path;
  const ofLabels = path.length > 1 && place?.kind === 'key' && place.key === 'labels';
  const own = label?.kind !== 'key' || label.key.startsWith('applyset.kubernetes.io/');
  if (ofLabels && isKey(path[0], 'metadata') && own) {
    return 'takes in the label that Slipway itself sets: name each label, such as metadata.labels[example.com/team]';
  }
  const last = path.at(-1);
  const entry = path.at(-2);
  if (entry?.kind === 'entry' && last?.kind === 'key' && entry.fields.some(([name]) => name === last.key)) {
    return 'is what tells the entries of its list apart, and is always sent';
  }
  return undefined;
}

function isKey(step: FieldPath[number] | undefined, key: string): boolean {
  return step?.kind === 'key' && step.key === key;
}
