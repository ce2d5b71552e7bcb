import { SlipwayError } from '../../errors.ts';
import type { RenderedObject } from '../../model/object.ts';
import type { Tree } from '../../model/tree.ts';
import { toObjects } from '../objects.ts';
import { parseDocuments } from '../yaml/documents.ts';

/** Files read at a time: enough to keep the reader busy, few enough to stop early at the limit. */
const BATCH = 64;

/** The objects of plain manifests, in the order of the files. Throws OBJECT_INVALID, RENDER_LIMIT. */
export async function renderPlain(tree: Tree, files: string[], maxBytes: number): Promise<RenderedObject[]> {
  const objects: RenderedObject[] = [];
  let bytes = 0;
  for (let at = 0; at < files.length; at += BATCH) {
    const batch = files.slice(at, at + BATCH);
    const contents = await Promise.all(batch.map((file) => tree.read(file)));
    for (const [index, content] of contents.entries()) {
      const file = batch[index] ?? '';
      bytes += content.length;
      if (bytes > maxBytes) throw tooMuch(file, maxBytes);
      const documents = parseDocuments(content.toString('utf8'), file);
      objects.push(...toObjects(documents, ({ line }) => ({ file, line })));
    }
  }
  return objects;
}

function tooMuch(file: string, maxBytes: number): SlipwayError {
  return new SlipwayError('RENDER_LIMIT', `the manifests have more than ${maxBytes} bytes`, {
    place: { file },
  });
}
