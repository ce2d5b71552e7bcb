import type { RenderedObject } from '../model/object.ts';
import type { SourcePlace } from '../model/source-place.ts';
import type { Tree } from '../model/tree.ts';

/** Part of a file between its `---`, as it is written: perhaps a template. */
interface Piece {
  text: string;
  /** 1-based line of its first field. */
  line: number;
}

/**
 * Adds the line to each object whose file is known, where the file tells it: Kustomize and Helm name no lines. Files that
 * are none of the repository's, or no text, are left out.
 */
export async function locate(objects: RenderedObject[], tree: Tree): Promise<void> {
  const files = new Map<string, Promise<Piece[]>>();
  await Promise.all(
    objects.map(async (each) => {
      const { file, line } = each.source;
      if (line !== undefined || !/\.(ya?ml|tpl)$/.test(file)) return;
      const pieces = files.get(file) ?? readPieces(tree, file);
      files.set(file, pieces);
      each.source = withLine(each.source, lineOf(each, await pieces));
    }),
  );
}

function withLine(place: SourcePlace, line: number | undefined): SourcePlace {
  return line === undefined ? place : { ...place, line };
}

async function readPieces(tree: Tree, file: string): Promise<Piece[]> {
  const text = await tree.read(file).catch(() => undefined);
  return text === undefined ? [] : piecesOf(text.toString('utf8'));
}

function piecesOf(text: string): Piece[] {
  let line = 1;
  return text.split(/^---.*$/m).map((part) => {
    const start = /^(apiVersion|kind):/m.exec(part)?.index ?? 0;
    const piece = { text: part, line: line + newlines(part.slice(0, start)) };
    line += newlines(part);
    return piece;
  });
}

function newlines(text: string): number {
  return text.split('\n').length - 1;
}

/** The piece of the kind whose name says most of the object's; undefined where two say as much. */
function lineOf({ object }: RenderedObject, pieces: Piece[]): number | undefined {
  const ofKind = pieces.filter(
    ({ text }) => /^kind:\s*["']?([\w.-]+)["']?\s*$/m.exec(text)?.[1] === object.kind,
  );
  if (ofKind.length === 1) return ofKind[0]?.line;
  const ranked = ofKind
    .map(({ text, line }) => ({ line, said: saidOf(text, object.metadata.name ?? '') }))
    .sort((one, other) => other.said - one.said);
  const [best, next] = ranked;
  return best && best.said > (next?.said ?? -1) ? best.line : undefined;
}

/** So many characters of the name stand in the piece; -1: it is the name of another. Prefixes and templates may add some. */
function saidOf(text: string, name: string): number {
  const metadata = text.slice(Math.max(0, text.search(/^metadata:/m))).replaceAll(/\{\{.*?\}\}/g, '\0');
  const written = /(?<![\w./-])name:\s*["']?([^"'\s,}]*)/.exec(metadata)?.[1] ?? '';
  const parts = written.split('\0');
  return parts.every((part) => name.includes(part)) ? parts.join('').length : -1;
}
