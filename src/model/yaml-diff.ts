import type { FieldChange } from './change-set.ts';
import { segmentsOf } from './field-path.ts';
import type { JsonValue } from './object.ts';

/** One line of a diff: its sign and its text. */
export interface DiffLine {
  sign: ' ' | '-' | '+';
  text: string;
}

interface Node {
  children: Map<string, Node>;
  changes: FieldChange[];
}

/**
 * The changed fields of one object as a YAML diff: the keys on the path of a field, each once, then the old and the new
 * value.
 */
export function yamlDiff(fields: FieldChange[]): DiffLine[] {
  const root = newNode();
  for (const change of fields) {
    let node = root;
    for (const segment of segmentsOf(change.path)) node = childOf(node, segment);
    node.changes.push(change);
  }
  return linesOf(root, 0);
}

function newNode(): Node {
  return { children: new Map(), changes: [] };
}

function childOf(node: Node, segment: string): Node {
  const known = node.children.get(segment);
  if (known) return known;
  const made = newNode();
  node.children.set(segment, made);
  return made;
}

function linesOf(root: Node, depth: number): DiffLine[] {
  return [...root.children].flatMap(([segment, node]) => {
    const leaves = node.changes.flatMap((change) => leafLines(segment, change, depth));
    if (node.children.size === 0) return leaves;
    const head = indented(' ', [headOf(segment)], depth);
    return [...leaves, ...head, ...linesOf(node, depth + 1)];
  });
}

function leafLines(segment: string, { before, after, lines }: FieldChange, depth: number): DiffLine[] {
  if (!lines) return [...side('-', before, segment, depth), ...side('+', after, segment, depth)];
  const text = lines.map((line): DiffLine => {
    const sign = line[0] === '-' || line[0] === '+' ? line[0] : ' ';
    const isContent = sign !== ' ' || line.startsWith(' ');
    return { sign, text: `${'  '.repeat(depth + 1)}${isContent ? line.slice(1) : line}` };
  });
  const key = keyOf(segment);
  return [...indented(' ', [key === undefined ? '- |' : `${key}: |`], depth), ...text];
}

/** A list entry is shown by its key: `- name: app`. Annotation keys are in brackets too. */
function headOf(segment: string): string {
  const key = keyOf(segment);
  if (key !== undefined) return `${key}:`;
  const inner = segment.slice(1, -1);
  if (/^\d+$/.test(inner)) return `- # entry ${inner}`;
  return `- ${inner
    .split(/,(?=\w+=)/)
    .map((pair) => pair.replace('=', ': '))
    .join(', ')}`;
}

/** The key of a map; undefined for the entry of a list. */
function keyOf(segment: string): string | undefined {
  if (!segment.startsWith('[')) return segment;
  const inner = segment.slice(1, -1);
  return /^(\w+=.*|\d+)$/.test(inner) ? undefined : inner;
}

function side(sign: '-' | '+', value: JsonValue | undefined, segment: string, depth: number): DiffLine[] {
  if (value === undefined) return [];
  const key = keyOf(segment);
  return indented(sign, key === undefined ? entryLines(value, segment) : keyLines(key, value), depth);
}

function indented(sign: DiffLine['sign'], lines: string[], depth: number): DiffLine[] {
  return lines.map((text) => ({ sign, text: `${'  '.repeat(depth)}${text}` }));
}

/** Puts the key fields of a list entry first. */
function entryLines(value: JsonValue, segment = ''): string[] {
  if (!isStructure(value)) return scalarLines('-', value);
  const names = [...segment.matchAll(/(\w+)=/g)].map(([, name = '']) => name);
  const rank = ([name]: [string, JsonValue]) => (names.includes(name) ? 0 : 1);
  const sorted = Array.isArray(value)
    ? value
    : Object.fromEntries(Object.entries(value).sort((one, other) => rank(one) - rank(other)));
  const [first = '', ...rest] = yamlLines(sorted);
  return [`- ${first}`, ...rest.map((line) => `  ${line}`)];
}

function keyLines(key: string, value: JsonValue): string[] {
  if (!isStructure(value)) return scalarLines(`${key}:`, value);
  return [`${key}:`, ...yamlLines(value).map((line) => `  ${line}`)];
}

function yamlLines(value: JsonValue[] | { [key: string]: JsonValue }): string[] {
  if (Array.isArray(value)) return value.flatMap((entry) => entryLines(entry));
  return Object.entries(value).flatMap(([key, entry]) => keyLines(key, entry));
}

function scalarLines(head: string, value: JsonValue): string[] {
  if (typeof value !== 'string' || !/\n./.test(value)) return [`${head} ${scalar(value)}`];
  const lines = value.replace(/\n$/, '').split('\n');
  return [`${head} |${value.endsWith('\n') ? '' : '-'}`, ...lines.map((line) => `  ${line}`)];
}

function isStructure(value: JsonValue): value is JsonValue[] | { [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

/** Quotes a string that YAML would parse as another type, as JSON does. */
function scalar(value: JsonValue): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  return /^[A-Za-z/][\w./:@ -]*$/.test(value) &&
    !/^(true|false|yes|no|on|off|null)$/i.test(value) &&
    !/[:\s]$|: /.test(value)
    ? value
    : JSON.stringify(value);
}
