import { type FieldPath, parseFieldPath } from './field-path.ts';
import { groupKind, type KubeObject, refOf } from './object.ts';

/** Selects fields of objects, for `ignore:` and `mask:` of slipway.yaml. */
export interface FieldRule {
  /** `Kind` in any group, `Kind.group`, `*` for every kind, or `*.group` for every kind of a group. */
  kind: string;
  /** `*` in it matches any text. Undefined: every object of the kind. */
  name?: string | undefined;
  /** As change sets show it; `[*]` selects every entry of a list. */
  path: string;
}

/** Valid values of `FieldRule.kind`. */
export const fieldKindPattern = /^(\*|[A-Za-z][A-Za-z0-9]{0,62})(\.[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?)?$/;

/** The paths that rules select in an object. */
export type FieldMatcher = (object: KubeObject) => FieldPath[];

/** Throws if a path is invalid: the reader of the rules' file checks paths. */
export function createFieldMatcher(rules: readonly FieldRule[] = []): FieldMatcher {
  const parsed = rules.map((rule) => ({ rule, path: parsedPath(rule) }));
  return (object) => parsed.flatMap(({ rule, path }) => (matches(rule, object) ? [path] : []));
}

// Skipping an invalid rule would show the values that it should mask.
function parsedPath({ path }: FieldRule): FieldPath {
  const parsed = parseFieldPath(path);
  if (typeof parsed === 'string') throw new Error(`the path ${path} ${parsed}`);
  return parsed;
}

function matches({ kind, name }: FieldRule, object: KubeObject): boolean {
  const full = groupKind(refOf(object));
  const dot = kind.indexOf('.');
  const ofKind = dot < 0 ? kind : kind.slice(0, dot);
  if (ofKind !== '*' && ofKind !== object.kind) return false;
  if (dot >= 0 && full !== `${object.kind}${kind.slice(dot)}`) return false;
  return (
    name === undefined || matchesPattern(name, object.metadata.name ?? object.metadata.generateName ?? '')
  );
}

/** `*` matches any text. Scans the text once, so a pattern cannot cause exponential time. */
function matchesPattern(pattern: string, text: string): boolean {
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

/** Why no rule may select a path: it identifies the object. */
export function identityMistake([first, second]: FieldPath): string | undefined {
  const all = first?.kind !== 'key' || ['apiVersion', 'kind'].includes(first.key);
  const ofMetadata = first?.kind === 'key' && first.key === 'metadata';
  const names = ofMetadata && (second?.kind !== 'key' || identity.has(second.key));
  return all || names
    ? 'is part of the identity of the object, which is always shown and always sent'
    : undefined;
}

/** Why a path cannot be ignored, as far as the path alone shows. */
export function ignoreMistake(path: FieldPath): string | undefined {
  if (path.some(({ kind }) => kind === 'index')) {
    return 'selects a list entry by its index: select it by its key, such as [name=app], or select the whole list';
  }
  if (isKey(path[0], 'stringData')) return 'is stored under data: write data instead of stringData';
  const [, place, label] = path;
  const ofLabels = path.length > 1 && place?.kind === 'key' && place.key === 'labels';
  const own = label?.kind !== 'key' || label.key.startsWith('applyset.kubernetes.io/');
  if (ofLabels && isKey(path[0], 'metadata') && own) {
    return 'includes the label that Slipway sets: select single labels, such as metadata.labels[example.com/team]';
  }
  const last = path.at(-1);
  const entry = path.at(-2);
  if (entry?.kind === 'entry' && last?.kind === 'key' && entry.fields.some(([name]) => name === last.key)) {
    return 'is the key of its list, which is always sent';
  }
  return undefined;
}

function isKey(step: FieldPath[number] | undefined, key: string): boolean {
  return step?.kind === 'key' && step.key === key;
}
