import { SlipwayError } from '../errors.ts';

/**
 * What Git's findings mean, in the words of whoever pushed. The ids are those of `git fsck`:
 * https://git-scm.com/docs/git-fsck#_fsck_messages
 */
const meanings: Record<string, string> = {
  badDate: 'an author or date that cannot be read',
  badEmail: 'an author whose address cannot be read',
  badFilemode: 'a file with an unknown mode',
  badName: 'an author without a name',
  badTree: 'a folder that cannot be read',
  badTreeSha1: 'a folder that does not exist',
  duplicateEntries: 'a folder with two entries of one name',
  emptyName: 'an entry without a name',
  fullPathname: 'an entry with a slash in its name',
  gitmodulesName: 'a .gitmodules with an unsafe name',
  gitmodulesPath: 'a .gitmodules with an unsafe path',
  gitmodulesSymlink: 'a .gitmodules that is a symbolic link',
  gitmodulesUrl: 'a .gitmodules with an unsafe address',
  hasDot: 'an entry named "."',
  hasDotdot: 'an entry named ".."',
  hasDotgit: 'an entry named ".git"',
  largePathname: 'a file name that is too long',
  nullSha1: 'an entry without content',
  treeNotSorted: 'a folder whose entries are not in order',
};

const FINDING = /(?:^|\s)(?:error: )?(?:object |error in \w+ )([0-9a-f]{7,64}): (\w+)\b/m;

/** GIT_INVALID for content that `git fsck` refuses, from git's output. Never quotes it: a stranger chose the names in it. */
export function unsafeContent(stderr: string): SlipwayError {
  const [, object = '', id = ''] = FINDING.exec(stderr) ?? [];
  const meaning = Object.hasOwn(meanings, id) ? meanings[id] : undefined;
  const found = id === '' ? '' : ` (${id}${object === '' ? '' : ` in object ${object.slice(0, 12)}`})`;
  return new SlipwayError(
    'GIT_INVALID',
    `Git refuses ${meaning ?? 'unsafe content'} in the history${found}`,
    {
      hint: 'Remove the commit from the history of the branch, and push again.',
    },
  );
}
