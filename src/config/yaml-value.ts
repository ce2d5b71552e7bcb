import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  visit,
  type YAMLMap,
} from 'yaml';
import { YamlLimitError } from './yaml-document.ts';

/** Values of a file, those that aliases and merge keys copy included. */
const maxValues = 100_000;

/** The nodes that aliases stand for. An alias without an anchor before it has none. */
export type Aliases = ReadonlyMap<Alias, Node>;

/** Resolves all aliases in one pass; the library looks through the document for each of them. */
export function resolveAliases(document: Document.Parsed): Aliases {
  const anchors = new Map<string, Node>();
  const aliases = new Map<Alias, Node>();
  visit(document, {
    Node(_, node) {
      if (isAlias(node)) {
        const target = anchors.get(node.source);
        if (target) aliases.set(node, target);
      } else if ('anchor' in node && node.anchor) {
        anchors.set(node.anchor, node);
      }
    },
  });
  return aliases;
}

export function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.type === 'PLAIN' && key.source === '<<';
}

/**
 * The plain value of a document. Every value costs one of `maxValues`, also one that an alias or a merge key copies, so
 * that a small file cannot cause more work than a large one. Throws YamlLimitError.
 */
export function plainValue(document: Document.Parsed, aliases: Aliases): unknown {
  return new Converter(aliases).valueOf(document.contents);
}

class Converter {
  private readonly aliases: Aliases;
  private readonly open = new Set<unknown>();
  private count = 0;

  constructor(aliases: Aliases) {
    this.aliases = aliases;
  }

  valueOf(node: unknown): unknown {
    this.spend();
    if (isAlias(node)) return this.valueOf(this.aliases.get(node));
    if (isScalar(node)) return node.value;
    if (isSeq(node)) return this.inside(node, () => node.items.map((item) => this.valueOf(item)));
    if (isMap(node)) return this.inside(node, () => Object.fromEntries(this.entriesOf(node)));
    return null;
  }

  /**
   * Keys of the map itself precede merged ones, and those of the first merged map the later ones
   * (https://yaml.org/type/merge.html).
   */
  private entriesOf(map: YAMLMap): Map<string, unknown> {
    const entries = new Map<string, unknown>();
    const merged: Map<string, unknown>[] = [];
    for (const { key, value } of map.items) {
      if (isMergeKey(key)) merged.push(...this.mergedBy(value));
      else entries.set(isScalar(key) ? String(key.value) : '', this.valueOf(value));
    }
    for (const [key, value] of merged.flatMap((one) => [...one])) {
      if (!entries.has(key)) entries.set(key, value);
    }
    return entries;
  }

  private mergedBy(node: unknown): Map<string, unknown>[] {
    this.spend();
    if (isAlias(node)) return this.mergedBy(this.aliases.get(node));
    if (isSeq(node)) return node.items.flatMap((item) => this.mergedBy(item));
    if (isMap(node)) return [this.inside(node, () => this.entriesOf(node))];
    throw new YamlLimitError('has a merge key (<<) whose value is not a map');
  }

  /** An anchor that contains its own alias would never end. */
  private inside<T>(node: unknown, work: () => T): T {
    if (this.open.has(node)) throw new YamlLimitError('has an alias that contains itself');
    this.open.add(node);
    const result = work();
    this.open.delete(node);
    return result;
  }

  private spend(): void {
    this.count += 1;
    if (this.count > maxValues) throw new YamlLimitError(`has more than ${maxValues} values`);
  }
}
