import { SlipwayError } from '../errors.ts';
import { cutText, onOneLine } from '../model/cut-text.ts';
import type { TreeEntry, TreeEntryType } from '../model/tree.ts';

/** A folder, with its names in Git's order. */
export type Folder = Map<string, TreeEntry>;

const types: Record<string, TreeEntryType> = {
  '40000': 'tree',
  '040000': 'tree',
  '120000': 'symlink',
  '160000': 'submodule',
};

/**
 * Parses a raw tree object: `<mode> SP <name> NUL <id in binary>`, repeated
 * (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects). Throws GIT_INVALID for names that would leave the folder.
 * The fetch refuses them too; this is defence in depth.
 */
export function parseTree(id: string, body: Buffer): Folder {
  const idBytes = id.length / 2;
  const folder: Folder = new Map();
  let at = 0;
  while (at < body.length) {
    const space = body.indexOf(0x20, at);
    const nul = body.indexOf(0, space);
    if (space < 0 || nul < 0 || nul + idBytes >= body.length + 1) throw damaged(id);
    const mode = body.toString('latin1', at, space);
    const name = body.toString('utf8', space + 1, nul);
    if (name === '' || name === '.' || name === '..' || name.includes('/')) {
      throw new SlipwayError('GIT_INVALID', `tree ${id} has an entry named ${JSON.stringify(name)}`);
    }
    if (nul - space - 1 > LONGEST_NAME) throw tooLong(name);
    at = nul + 1 + idBytes;
    folder.set(name, { name, type: types[mode] ?? 'blob', id: body.toString('hex', nul + 1, at) });
  }
  return folder;
}

/** Bytes of a name that file systems accept: NAME_MAX of Linux, and APFS and NTFS allow no more. */
const LONGEST_NAME = 255;

function tooLong(name: string): SlipwayError {
  const bytes = Buffer.byteLength(name);
  return new SlipwayError(
    'GIT_INVALID',
    `the name ${cutText(onOneLine(name), 40)} has ${bytes} bytes; file systems accept ${LONGEST_NAME}`,
    { hint: 'Rename the file, and push again.' },
  );
}

function damaged(id: string): SlipwayError {
  return new SlipwayError('GIT_INVALID', `tree ${id} cannot be read`);
}
