import { SlipwayError } from '../../errors.ts';
import type { ErrorCode } from '../../model/error-code.ts';
import type { Tree, TreeEntry } from '../../model/tree.ts';
import { insideRepository } from '../inside.ts';
import { lineOf } from '../yaml/documents.ts';
import type { Reference } from './references.ts';
import { isRemote, withoutCredentials } from './remote.ts';

/** Where a reference was written. */
export interface Writer {
  /** Folder that it is relative to. */
  folder: string;
  /** File that it stands in. */
  file: string;
}

export interface Refusal {
  code?: ErrorCode | undefined;
  /** The words whose line is named; empty: only the file is. */
  written: string;
  message: string;
  hint?: string | undefined;
}

/** An error at the line where the author wrote what cannot be. */
export async function refuse(tree: Tree, { file }: Writer, refusal: Refusal): Promise<SlipwayError> {
  const { code = 'RENDER_FAILED', written, message, hint } = refusal;
  const text = (await tree.read(file)).toString('utf8');
  const line = written === '' ? undefined : lineOf(text, written);
  return new SlipwayError(code, message, { place: { file, line }, hint });
}

/** What stands at a reference: a file or a folder. Throws for what is remote, outside, a link or missing. */
export async function locate(
  tree: Tree,
  { field, written }: Pick<Reference, 'field' | 'written'>,
  writer: Writer,
): Promise<{ path: string; entry: TreeEntry }> {
  if (isRemote(written)) {
    throw await refuse(tree, writer, {
      code: 'RENDER_REMOTE',
      written,
      message: `${withoutCredentials(written)} in ${field} is not in the repository`,
      hint: `Vendor it: \`kustomize localize ${writer.folder} vendored\`, commit what it writes and point slipway.yaml or ${field} to it.`,
    });
  }
  const path = insideRepository(writer.folder, written);
  if (path === undefined) {
    const message = `${written} in ${field} is outside of the repository`;
    throw await refuse(tree, writer, {
      written,
      message,
      hint: 'Copy it into the repository and point to the copy.',
    });
  }
  const entry = await tree.entry(path);
  if (entry === undefined)
    throw await refuse(tree, writer, { written, message: `${path} in ${field} does not exist` });
  if (entry.type === 'blob' || entry.type === 'tree') return { path, entry };
  const what = entry.type === 'symlink' ? 'a symbolic link' : 'a submodule';
  throw await refuse(tree, writer, { written, message: `${path} is ${what}, which Slipway does not follow` });
}
