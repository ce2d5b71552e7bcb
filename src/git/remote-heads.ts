import type { RemoteHeads } from '../ports/git.ts';

/**
 * Parses `git ls-remote --symref <url> HEAD refs/heads/*`: `ref: refs/heads/main TAB HEAD`, then `<id> TAB <ref>`.
 * `defaultBranch` is empty if the forge names none (an empty repository).
 */
export function parseRemoteHeads(text: string): RemoteHeads {
  const branches = new Map<string, string>();
  let defaultBranch = '';
  for (const line of text.split('\n')) {
    const [value = '', ref = ''] = line.split('\t');
    if (ref === 'HEAD' && value.startsWith('ref: refs/heads/')) {
      defaultBranch = value.slice('ref: refs/heads/'.length);
    }
    if (ref.startsWith('refs/heads/')) branches.set(ref.slice('refs/heads/'.length), value);
  }
  return { defaultBranch, branches };
}
