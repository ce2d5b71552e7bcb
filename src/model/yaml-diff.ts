import type { FieldChange } from './change-set.ts';
import { segmentsOf } from './field-path.ts';
import type { JsonValue } from './object.ts';

/** One line of a diff: what it begins with, and its text. */
export interface DiffLine {
  sign: ' ' | '-' | '+';
  text: string;
}

interface Node {
  children: Map<string, Node>;
  change?: FieldChange | undefined;
}

/**
 * The changed fields of one object as a YAML diff: the keys that lead to a field once, then what was and what is.
 * Pure, from the same list of fields that everything else shows.
 */
export function yamlDiff(fields: FieldChange[]): DiffLine[] {
  const root: Node = { children: new Map() };
  for (const change of fields) {
    let node = root;
    for (const segment of segmentsOf(change.path)) node = childOf(node, segment);
    node.change = change;
  }
  return linesOf(root, 0);
}

function childOf(node: Node, segment: string): Node {
  const known = node.children.get(segment);
  if (known) return known;
  const made: Node = { children: new Map() };
  node.children.set(segment, made);
  return made;
}

function linesOf(node: Node, depth: number): DiffLine[] {
  return [...node.children].flatMap(([segment, child]) => {
    const indent = '  '.repeat(depth);
    const key = keyOf(segment);
    if (!child.change) return [{ sign: ' ' as const, text: `${indent}${key}` }, ...linesOf(child, depth + 1)];
    const { before, after } = child.change;
    return [...side('-', before, key, depth), ...side('+', after, key, depth)];
  });
}

/** A list's entry is told by its key: `- name: app`. Keys of annotations stand in brackets too. */
function keyOf(segment: string): string {
  if (!segment.startsWith('[')) return `${segment}:`;
  const inner = segment.slice(1, -1);
  const pair = /^(\w+)=(.*)$/.exec(inner);
  if (pair) return `- ${pair[1]}: ${pair[2]}`;
  return /^\d+$/.test(inner) ? `- # entry ${inner}` : `${inner}:`;
}

function side(sign: '-' | '+', value: JsonValue | undefined, key: string, depth: number): DiffLine[] {
  if (value === undefined) return [];
  const indent = '  '.repeat(depth);
  if (!isStructure(value)) return [{ sign, text: `${indent}${key} ${scalar(value)}` }];
  const inner = yamlLines(value).map((line) => ({ sign, text: `${indent}  ${line}` }));
  return [{ sign, text: `${indent}${key}` }, ...inner];
}

function isStructure(value: JsonValue): value is JsonValue[] | { [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

/** A string that YAML would read as something else is quoted, as in JSON. */
function scalar(value: JsonValue): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  return /^[A-Za-z/][\w./:@ -]*$/.test(value) &&
    !/^(true|false|yes|no|on|off|null)$/i.test(value) &&
    !/[:\s]$|: /.test(value)
    ? value
    : JSON.stringify(value);
}

function yamlLines(value: JsonValue[] | { [key: string]: JsonValue }): string[] {
  if (Array.isArray(value)) {
    return value.flatMap((entry) => {
      if (!isStructure(entry)) return [`- ${scalar(entry)}`];
      const [first = '', ...rest] = yamlLines(entry);
      return [`- ${first}`, ...rest.map((line) => `  ${line}`)];
    });
  }
  return Object.entries(value).flatMap(([key, entry]) =>
    isStructure(entry)
      ? [`${key}:`, ...yamlLines(entry).map((line) => `  ${line}`)]
      : [`${key}: ${scalar(entry)}`],
  );
}
