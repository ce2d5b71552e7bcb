import { createHash } from 'node:crypto';

/**
 * Where a branch's head is kept in the mirror. The name is one path segment, so that a branch `a` that was deleted
 * never stands in the way of a new `a/b`.
 */
export function branchRef(branch: string): string {
  const encoded = encodeURIComponent(branch);
  const name = encoded.length <= 200 ? encoded : createHash('sha256').update(branch).digest('hex');
  return `refs/slipway/heads/${name}`;
}

/** Keeps a commit that was fetched by its id from being swept. */
export function commitRef(commit: string): string {
  return `refs/slipway/commits/${commit}`;
}

/**
 * Whether git could have a branch of that name (https://git-scm.com/docs/git-check-ref-format). A name that no forge can
 * have is simply absent; it must never reach a refspec.
 */
export function isBranchName(name: string): boolean {
  if (!name.isWellFormed() || name === '' || name.startsWith('-') || name.endsWith('.') || name.length > 1000)
    return false;
  if (/[\s~^:?*[\\]|\.\.|@\{|\/\/|^\/|\/$|^@$/.test(name) || hasControl(name)) return false;
  return name.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'));
}

function hasControl(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

export function isCommitId(text: string): boolean {
  return /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}
