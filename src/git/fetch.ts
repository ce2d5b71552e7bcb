import { rm } from 'node:fs/promises';
import type { SlipwayError } from '../errors.ts';
import type { RemoteHeads } from '../ports/git.ts';
import { branchRef, commitRef } from './branch-ref.ts';
import { BROKEN_MIRROR, MISSING_REF, staleLockIn } from './git-failure.ts';
import type { Remote, RemoteResponse } from './remote.ts';
import { parseRemoteHeads } from './remote-heads.ts';

export interface FetchContext {
  gitDir: string;
  remote: Remote;
  /** Milliseconds without a byte from the forge after which a fetch is given up; it may take as long as it needs. */
  silenceMs: number;
  signal: AbortSignal;
  /** Throws the mirror away and makes an empty one. */
  renew(): Promise<void>;
  /** Removes the mirror's refs of branches that the forge no longer has. */
  forget(branches: string[]): Promise<void>;
}

const LIST_TIMEOUT_MS = 60_000;

/** A branch may go between the listing and the fetch; more than a few times in a row is not chance. */
const MAX_TRIES = 4;

/**
 * Fetches branches by name, all in one call, and answers those that the forge has. Whole history and all files: `superseded`
 * needs ancestry, a merge result needs the base, and measured against a local forge a shallow or blobless fetch is no
 * faster (19 ms either way: it is the round trips that count), while blobs fetched late would cost a round trip a release.
 */
export async function fetchBranches(context: FetchContext, branches: string[]): Promise<string[]> {
  let wanted = branches;
  for (let attempt = 1; wanted.length > 0; attempt++) {
    const response = await fetchRefs(
      context,
      wanted.map((branch) => `+refs/heads/${branch}:${branchRef(branch)}`),
    );
    if (response.result.code === 0) return wanted;
    if (!MISSING_REF.test(response.result.stderr) || attempt === MAX_TRIES) throw response.failure();
    const heads = await listHeads(context.remote, context.signal);
    await context.forget(wanted.filter((branch) => !heads.branches.has(branch)));
    wanted = wanted.filter((branch) => heads.branches.has(branch));
  }
  return [];
}

/**
 * Fetches a commit by its id, which protocol version 2 and the large forges allow; where one does not, all branches.
 * The caller looks whether it is there then.
 */
export async function fetchCommit(context: FetchContext, commit: string): Promise<void> {
  const response = await fetchRefs(context, [`+${commit}:${commitRef(commit)}`]);
  if (response.result.code === 0) return;
  if (!MISSING_REF.test(response.result.stderr)) throw response.failure();
  const heads = await listHeads(context.remote, context.signal);
  await fetchBranches(context, [...heads.branches.keys()]);
}

/** Asks the forge for its branches; writes nothing. */
export async function listHeads(remote: Remote, signal: AbortSignal): Promise<RemoteHeads> {
  const before = ['ls-remote', '--quiet', '--symref'];
  const after = ['HEAD', 'refs/heads/*'];
  const response = await remote.call({ verb: 'list', before, after, timeoutMs: LIST_TIMEOUT_MS, signal });
  if (response.result.code !== 0) throw response.failure();
  return parseRemoteHeads(response.result.stdout);
}

/** One fetch; repeated once after a leftover lock was removed, once with a fresh mirror where this one is broken. */
async function fetchRefs(context: FetchContext, refspecs: string[]): Promise<RemoteResponse> {
  const response = await fetchOnce(context, refspecs);
  const { code, stderr } = response.result;
  if (code === 0) return response;
  const lock = staleLockIn(stderr);
  if (lock?.startsWith(context.gitDir)) {
    await rm(lock, { force: true });
    return fetchOnce(context, refspecs);
  }
  if (!BROKEN_MIRROR.test(stderr) || failsWithoutMirror(response.failure())) return response;
  await context.renew();
  return fetchOnce(context, refspecs);
}

/** The forge's answer or its content is at fault: a fresh mirror would change nothing. */
function failsWithoutMirror(error: SlipwayError): boolean {
  return error.code === 'GIT_REFUSED' || error.code === 'GIT_INVALID';
}

function fetchOnce({ gitDir, remote, silenceMs, signal }: FetchContext, refspecs: string[]) {
  const before = [
    `--git-dir=${gitDir}`,
    'fetch',
    // Printed every second while bytes come, also without a terminal: so a slow fetch is told from a dead one.
    '--progress',
    '--no-tags',
    '--no-write-fetch-head',
    '--no-auto-maintenance',
    '--no-recurse-submodules',
    '--no-show-forced-updates',
  ];
  return remote.call({
    verb: 'fetch',
    before,
    after: refspecs,
    timeoutMs: silenceMs,
    onSilence: true,
    signal,
  });
}
