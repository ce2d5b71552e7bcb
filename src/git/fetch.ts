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
  /** Replaces the mirror by an empty one. */
  renew(): Promise<void>;
  /** Removes the mirror's refs of branches that the forge no longer has. */
  forget(branches: string[]): Promise<void>;
}

const LIST_TIMEOUT_MS = 60_000;

/** A branch may be deleted between the listing and the fetch, but hardly this many times in a row. */
const MAX_TRIES = 4;

/**
 * Fetches branches by name in one call, and returns those that the forge has. Fetches the whole history and all files:
 * `superseded` needs ancestry, and a merge result needs the base. Against a local forge, a shallow or blobless fetch is not
 * faster (19 ms either way, because round trips dominate), and blobs fetched later would cost each release a round trip.
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
 * Fetches a commit by its id, which protocol version 2 and the large forges allow; from a forge that does not, fetches all
 * branches. The caller then checks whether the commit exists.
 */
export async function fetchCommit(context: FetchContext, commit: string): Promise<void> {
  const response = await fetchRefs(context, [`+${commit}:${commitRef(commit)}`]);
  if (response.result.code === 0) return;
  if (!MISSING_REF.test(response.result.stderr)) throw response.failure();
  const heads = await listHeads(context.remote, context.signal);
  await fetchBranches(context, [...heads.branches.keys()]);
}

/** Lists the branches of the forge; writes nothing. */
export async function listHeads(remote: Remote, signal: AbortSignal): Promise<RemoteHeads> {
  const before = ['ls-remote', '--quiet', '--symref'];
  const after = ['HEAD', 'refs/heads/*'];
  const response = await remote.call({ verb: 'list', before, after, timeoutMs: LIST_TIMEOUT_MS, signal });
  if (response.result.code !== 0) throw response.failure();
  return parseRemoteHeads(response.result.stdout);
}

/** One fetch; retried once after a leftover lock was removed, and once with a new mirror if this one is broken. */
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

/** The cause is the forge's response or its content: a new mirror would not help. */
function failsWithoutMirror(error: SlipwayError): boolean {
  return error.code === 'GIT_REFUSED' || error.code === 'GIT_INVALID';
}

function fetchOnce({ gitDir, remote, silenceMs, signal }: FetchContext, refspecs: string[]) {
  const before = [
    `--git-dir=${gitDir}`,
    'fetch',
    // Printed every second while bytes come, also without a terminal: which distinguishes a slow fetch from a dead one.
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
