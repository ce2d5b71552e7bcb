import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  visit,
  type YAMLMap,
} from 'yaml';
import { cutText } from '../model/cut-text.ts';
import { maxProblems } from './values.ts';
import { parseBounded, YamlLimitError } from './yaml-document.ts';
import { type Aliases, isMergeKey, plainValue, resolveAliases } from './yaml-value.ts';

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

const maxBytes = 512 * 1024;

/**
 * Parses YAML 1.2 with merge keys, within a bound of work: some hundred milliseconds at worst. Never quotes the text: the
 * file may contain a secret that should not be there.
 */
export function readYaml(text: string): YamlFile | { problems: Problem[] } {
  if (Buffer.byteLength(text) > maxBytes) return { problems: [{ message: 'the file is over 512 KiB' }] };
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof YamlLimitError) return { problems: [{ message: `the file ${error.message}` }] };
    return { problems: [{ message: error instanceof Error ? withoutQuote(error.message) : String(error) }] };
  }
}

function parse(text: string): YamlFile | { problems: Problem[] } {
  const lineCounter = new LineCounter();
  const lineAt = (offset: number) => lineCounter.linePos(offset).line;
  const document = parseBounded(text, lineCounter);
  const aliases = resolveAliases(document);
  const problems = [
    ...document.errors.slice(0, maxProblems).map((error) => ({
      line: lineAt(error.pos[0]),
      message: withoutQuote(error.message),
    })),
    ...lostKeys(document, aliases, lineAt),
  ];
  if (problems.length > 0) return { problems: problems.slice(0, maxProblems) };
  return { value: plainValue(document, aliases), lineOf: lineFinder(document, aliases, lineAt) };
}

/** The library ends some of its messages with `: ` and a part of the file. */
function withoutQuote(message: string): string {
  return message.split(': ')[0] ?? message;
}

/** Keys that the plain value would silently lose, and aliases without an anchor. */
function lostKeys(
  document: Document.Parsed,
  aliases: Aliases,
  lineAt: (offset: number) => number,
): Problem[] {
  const problems: Problem[] = [];
  visit(document, (_, node) => {
    if (isMap(node)) problems.push(...lostKeysOf(node, lineAt).slice(0, maxProblems));
    if (isAlias(node) && !aliases.has(node)) {
      problems.push({ line: lineAt(offsetOf(node) ?? 0), message: 'an alias without an anchor before it' });
    }
    return problems.length < maxProblems ? undefined : visit.BREAK;
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
    if (earlier === undefined || isMergeKey(pair.key)) return [];
    return [{ line, message: `key "${cutText(key, 80)}" is defined twice; it is also at line ${earlier}` }];
  });
}

/** Looks up lines by path. Each map is indexed once, so that a file of many apps stays cheap. */
function lineFinder(
  document: Document.Parsed,
  aliases: Aliases,
  lineAt: (offset: number) => number,
): YamlFile['lineOf'] {
  const indexes = new WeakMap<YAMLMap, Map<string, Pair>>();
  const pairOf = (map: YAMLMap, key: string) => {
    const index = indexes.get(map) ?? new Map(map.items.map((pair) => [keyOf(pair), pair]));
    indexes.set(map, index);
    return index.get(key);
  };
  const child = (parent: unknown, step: PropertyKey) => {
    const node = isAlias(parent) ? aliases.get(parent) : parent;
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
