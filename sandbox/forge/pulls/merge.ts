import { now } from '../clock.ts';
import type { Context } from '../context.ts';
import { pullEvent } from '../events.ts';
import { ForgeFailure } from '../failure.ts';
import { DEVELOPER } from '../git/commit.ts';
import { commitsBetween } from '../git/history.ts';
import { mergeCommit, rebaseCommits, squashCommit } from '../git/merge.ts';
import { readBranch, updateRef } from '../git/refs.ts';
import type { MergeMethod } from '../protocol.ts';
import { preparePush } from '../push.ts';
import type { PullRecord, Repository } from '../state.ts';

export interface MergeOptions {
  method: MergeMethod;
  /** The merge is refused if the head is another commit. */
  expectedHead?: string;
}

interface Merged {
  /** The new head of the base. */
  tip: string;
  /** The merge commit as the forge reports it; GitLab has none after a fast-forward. */
  mergeCommitSha: string | null;
  squashCommitSha: string | null;
  /** Commits that did not exist before. */
  written: string[];
}

/** The messages that each forge writes by default. */
const messages = (repository: Repository, pull: PullRecord): { merge: string; squash: string } =>
  repository.face === 'github'
    ? {
        merge: `Merge pull request #${pull.number} from ${repository.owner}/${pull.head}\n\n${pull.title}`,
        squash: `${pull.title} (#${pull.number})`,
      }
    : {
        merge: `Merge branch '${pull.head}' into '${pull.base}'\n\n${pull.title}\n\nSee merge request ${repository.fullName}!${pull.number}`,
        squash: pull.title,
      };

/** GitLab's squash makes one commit and merges that with a merge commit; GitHub's puts it on the base. */
const squash = async (repository: Repository, pull: PullRecord, base: string): Promise<Merged> => {
  const { merge, squash: message } = messages(repository, pull);
  const person = DEVELOPER;
  const sha = await squashCommit(repository.dir, { base, head: pull.headSha, message, person });
  if (repository.face === 'github') {
    return { tip: sha, mergeCommitSha: sha, squashCommitSha: null, written: [sha] };
  }
  const tip = await mergeCommit(repository.dir, { base, head: sha, message: merge, person });
  return { tip, mergeCommitSha: tip, squashCommitSha: sha, written: [sha, tip] };
};

const rebase = async (repository: Repository, pull: PullRecord, base: string): Promise<Merged> => {
  const input = { base, head: pull.headSha, message: '', person: DEVELOPER };
  const written = await rebaseCommits(repository.dir, input);
  const tip = written.at(-1) ?? base;
  return { tip, mergeCommitSha: repository.face === 'github' ? tip : null, squashCommitSha: null, written };
};

const writeMerge = async (
  repository: Repository,
  pull: PullRecord,
  base: string,
  method: MergeMethod,
): Promise<Merged> => {
  if (method === 'squash') return squash(repository, pull, base);
  if (method === 'rebase') return rebase(repository, pull, base);
  const message = messages(repository, pull).merge;
  const tip = await mergeCommit(repository.dir, { base, head: pull.headSha, message, person: DEVELOPER });
  return { tip, mergeCommitSha: tip, squashCommitSha: null, written: [tip] };
};

const markMerged = (
  pull: PullRecord,
  base: string,
  merged: Merged,
  brought: string[],
  method: MergeMethod,
): void => {
  const at = now();
  pull.state = 'merged';
  pull.mergeMethod = method;
  pull.baseSha = base;
  pull.mergeCommitSha = merged.mergeCommitSha;
  pull.squashCommitSha = merged.squashCommitSha;
  pull.broughtShas = [...brought, ...merged.written];
  pull.mergedAt = at;
  pull.closedAt = at;
  pull.updatedAt = at;
};

/**
 * Merges as the forge's button does; the base moves past its protection. Sends `push` and the closed and merged pull
 * request. Throws 405 if it is not open or conflicts, 409 if the head is not the expected one.
 */
export const mergePull = (
  context: Context,
  repository: Repository,
  pull: PullRecord,
  options: MergeOptions,
): Promise<void> =>
  repository.write(async () => {
    const receivedAt = now();
    if (pull.state !== 'open') throw new ForgeFailure(405, 'Pull Request is not mergeable');
    if (options.expectedHead !== undefined && options.expectedHead !== pull.headSha) {
      throw new ForgeFailure(409, 'Head branch was modified. Review and try the merge again.');
    }
    const base = await readBranch(repository.dir, pull.base);
    if (base === null) throw new ForgeFailure(405, 'Base branch does not exist');
    const brought = await commitsBetween(repository.dir, base, pull.headSha);
    const merged = await writeMerge(repository, pull, base, options.method);
    const ref = `refs/heads/${pull.base}`;
    await updateRef(repository.dir, ref, merged.tip);
    if (repository.face === 'gitlab' && options.method === 'rebase') {
      // GitLab rebases the source branch and then fast-forwards: https://docs.gitlab.com/user/project/merge_requests/methods/
      await updateRef(repository.dir, `refs/heads/${pull.head}`, merged.tip);
      pull.headSha = merged.tip;
    }
    markMerged(pull, base, merged, brought, options.method);
    const refs = [{ ref, before: base, after: merged.tip }];
    const announce = await preparePush(context, repository, { refs, receivedAt, via: 'api' });
    const event = pullEvent(context, repository, pull, 'merged');
    const endedAt = now();
    announce(endedAt);
    context.sender.send(repository, event, endedAt);
  });
