import { createHash } from 'node:crypto';

/**
 * The ref that keeps a branch's head in the mirror. The name is one path segment, so that a deleted branch `a` never
 * conflicts with a new `a/b`.
 */
export function branchRef(branch: string): string {
  const encoded = encodeURIComponent(branch);
  const name = encoded.length <= 200 ? encoded : createHash('sha256').update(branch).digest('hex');
  return `refs/slipway/heads/${name}`;
}

/** The ref that keeps a commit that was fetched by its id from garbage collection. */
export function commitRef(commit: string): string {
  return `refs/slipway/commits/${commit}`;
}

export function isCommitId(text: string): boolean {
  return /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}
