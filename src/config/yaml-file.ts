import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';
import { maxProblems } from './values.ts';

/** A mistake in a file that a person wrote. `line` is 1-based. */
export interface Problem {
  line?: number | undefined;
  message: string;
  hint?: string | undefined;
}

export type KeyPath = readonly PropertyKey[];

/** A parsed file: its plain value, and the lines of its keys. */
export interface YamlFile {
  value: unknown;
  /** Line of the key or list item at `path`, or of its nearest parent that is in the file. */
  lineOf(path: KeyPath): number | undefined;
}

// The file is untrusted: these bounds keep parsing it in the range of milliseconds.
const maxBytes = 512 * 1024;
const maxAliases = 2000;
const maxNodes = 100_000;

/** Parses YAML 1.2 with merge keys. Never quotes the text: the file may contain a secret that should not be there. */
export function readYaml(text: string): YamlFile | { problems: Problem[] } {
  if (Buffer.byteLength(text) > maxBytes) return { problems: [{ message: 'the file is over 512 KiB' }] };
  try {
    return parse(text);
  } catch (error) {
    // The parser is recursive; its other errors come from aliases and merge keys.
    if (error instanceof RangeError) return { problems: [{ message: 'the file is nested too deeply' }] };
    return { problems: [{ message: error instanceof Error ? withoutQuote(error.message) : String(error) }] };
  }
}

function parse(text: string): YamlFile | { problems: Problem[] } {
  const lineCounter = new LineCounter();
  const lineAt = (offset: number) => lineCounter.linePos(offset).line;
  // The library's check of unique keys is quadratic; `lostKeys` passes once.
  const options = {
    lineCounter,
    merge: true,
    stringKeys: true,
    uniqueKeys: false,
    prettyErrors: false,
  } as const;
  const document = parseDocument(text, { ...options, logLevel: 'error' });
  const problems = [
    ...document.errors.map((error) => ({ line: lineAt(error.pos[0]), message: withoutQuote(error.message) })),
    ...lostKeys(document, lineAt),
  ];
  if (problems.length > 0) return { problems: problems.slice(0, maxProblems) };
  const value: unknown = document.toJS({ maxAliasCount: maxAliases });
  if (isTooLarge(value)) return { problems: [{ message: `the file has more than ${maxNodes} values` }] };
  return { value, lineOf: lineFinder(document, lineAt) };
}

/** The library ends some of its messages with `: ` and a part of the file. */
function withoutQuote(message: string): string {
  return message.split(': ')[0] ?? message;
}

/** Keys that the plain value would silently lose, and aliases without an anchor. */
function lostKeys(document: Document.Parsed, lineAt: (offset: number) => number): Problem[] {
  const problems: Problem[] = [];
  const anchors = new Set<string>();
  visit(document, (_, node) => {
    if (isNode(node) && 'anchor' in node && node.anchor) anchors.add(node.anchor);
    if (isMap(node)) problems.push(...lostKeysOf(node, lineAt).slice(0, maxProblems));
    if (isAlias(node) && !anchors.has(node.source)) {
      problems.push({ line: lineAt(offsetOf(node) ?? 0), message: 'an alias without an anchor before it' });
    }
  });
  return problems;
}

function lostKeysOf(map: YAMLMap, lineAt: (offset: number) => number): Problem[] {
  const first = new Map<string, number>();
  return map.items.flatMap((pair) => {
    const key = keyOf(pair);
    const line = lineAt(offsetOf(pair.key) ?? 0);
    const earlier = first.get(key);
    first.set(key, earlier ?? line);
    if (key === '__proto__') return [{ line, message: `key "${key}" is not allowed` }];
    // A map may be merged from several others.
    if (earlier === undefined || key === '<<') return [];
    return [{ line, message: `key "${key}" is defined twice; it is also at line ${earlier}` }];
  });
}

/** Counts the values after the expansion of aliases, which the size of the file does not bound. */
function isTooLarge(root: unknown): boolean {
  const waiting: unknown[] = [root];
  let count = 0;
  while (waiting.length > 0) {
    const value = waiting.pop();
    count += 1;
    if (count + waiting.length > maxNodes) return true;
    if (typeof value === 'object' && value !== null) waiting.push(...Object.values(value));
  }
  return false;
}

/** Looks up lines by path. Each map is indexed once, so that a file of many apps stays cheap. */
function lineFinder(document: Document.Parsed, lineAt: (offset: number) => number): YamlFile['lineOf'] {
  const indexes = new WeakMap<YAMLMap, Map<string, Pair>>();
  const pairOf = (map: YAMLMap, key: string) => {
    const index = indexes.get(map) ?? new Map(map.items.map((pair) => [keyOf(pair), pair]));
    indexes.set(map, index);
    return index.get(key);
  };
  const child = (parent: unknown, step: PropertyKey) => {
    const node = isAlias(parent) ? parent.resolve(document) : parent;
    if (isSeq(node)) return { at: node.items[Number(step)], node: node.items[Number(step)] };
    const pair = isMap(node) ? pairOf(node, String(step)) : undefined;
    return { at: pair?.key, node: pair?.value };
  };
  return (path) => {
    let node: unknown = document.contents;
    let offset = offsetOf(node);
    for (const step of path) {
      const found = child(node, step);
      offset = offsetOf(found.at) ?? offset;
      node = found.node;
    }
    return offset === undefined ? undefined : lineAt(offset);
  };
}

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : '';
}

function offsetOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}
