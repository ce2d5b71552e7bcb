import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';

/** Something wrong in a file that a person wrote. `line` is 1-based. */
export interface Problem {
  line?: number | undefined;
  message: string;
  hint?: string | undefined;
}

export type KeyPath = readonly PropertyKey[];

/** A parsed file: its plain value and the lines its keys stand at. */
export interface YamlFile {
  value: unknown;
  /** Line of the key or list item at `path`, or of its nearest parent that is in the file. */
  lineOf(path: KeyPath): number | undefined;
}

// A stranger wrote the file: these bounds keep parsing it in the range of milliseconds.
const maxBytes = 512 * 1024;
const maxAliases = 2000;
const maxNodes = 100_000;

/** Parses YAML 1.2 with merge keys. Never echoes the text: the file may hold a secret that should not be there. */
export function readYaml(text: string): YamlFile | { problems: Problem[] } {
  if (Buffer.byteLength(text) > maxBytes) return { problems: [{ message: 'the file is over 512 KiB' }] };
  const lines = new LineCounter();
  const lineAt = (offset: number) => lines.linePos(offset).line;
  const document = parse(text, lines);
  if ('problems' in document) return document;
  const problems = [
    ...document.errors.map((error) => ({ line: lineAt(error.pos[0]), message: withoutQuote(error.message) })),
    ...duplicateKeys(document, lineAt),
  ];
  if (problems.length > 0) return { problems };
  try {
    const value: unknown = document.toJS({ maxAliasCount: maxAliases });
    if (isTooLarge(value)) return { problems: [{ message: `the file has more than ${maxNodes} values` }] };
    return { value, lineOf: (path) => lineOf(document, path, lineAt) };
  } catch (error) {
    return { problems: [{ message: error instanceof Error ? error.message : String(error) }] };
  }
}

function parse(text: string, lineCounter: LineCounter): Document.Parsed | { problems: Problem[] } {
  try {
    // The library's own check of unique keys compares each with each; `duplicateKeys` looks once.
    return parseDocument(text, {
      lineCounter,
      merge: true,
      stringKeys: true,
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'silent',
    });
  } catch {
    return { problems: [{ message: 'the file is nested too deeply' }] };
  }
}

/** The library ends some of its sentences with `: ` and a piece of the file. */
function withoutQuote(message: string): string {
  return message.split(': ')[0] ?? message;
}

function duplicateKeys(document: Document.Parsed, lineAt: (offset: number) => number): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Map: (_, map) => {
      const first = new Map<string, number>();
      for (const pair of map.items) {
        if (!isScalar(pair.key) || pair.key.value === '<<') continue;
        const key = String(pair.key.value);
        const line = lineAt(pair.key.range?.[0] ?? 0);
        const earlier = first.get(key);
        if (earlier === undefined) first.set(key, line);
        else problems.push({ line, message: `key "${key}" stands twice; it is also at line ${earlier}` });
      }
    },
  });
  return problems;
}

/** Counts what aliases expand to, which the size of the file does not bound. */
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

function lineOf(
  document: Document.Parsed,
  path: KeyPath,
  lineAt: (offset: number) => number,
): number | undefined {
  let node: unknown = document.contents;
  let offset = offsetOf(node);
  for (const step of path) {
    const found = child(document, node, step);
    if (!found) break;
    offset = found.offset ?? offset;
    node = found.node;
  }
  return offset === undefined ? undefined : lineAt(offset);
}

function child(document: Document.Parsed, parent: unknown, step: PropertyKey) {
  const node = isAlias(parent) ? parent.resolve(document) : parent;
  if (isSeq(node)) {
    const item = node.items[Number(step)];
    return item === undefined ? undefined : { node: item, offset: offsetOf(item) };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find((entry) => isScalar(entry.key) && String(entry.key.value) === String(step));
  return pair && { node: pair.value, offset: offsetOf(pair.key) };
}

function offsetOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}
