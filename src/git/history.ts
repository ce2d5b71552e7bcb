import { SlipwayError } from '../errors.ts';
import { isCommitId } from './branch-ref.ts';
import { gitFailure, gitMissing } from './git-failure.ts';
import type { ObjectStore } from './object-store.ts';
import type { GitResult } from './run-git.ts';
import { runGit } from './run-git.ts';

export interface HistoryOptions {
  repository: string;
  gitDir: string;
  program: string;
  env: Record<string, string>;
  store: ObjectStore;
  closing: AbortSignal;
  /** Fetches the commit with its whole history, unless the mirror has it. */
  ensure(commit: string): Promise<void>;
  /** Repairs the mirror if an object of the commit is missing. */
  mend(commit: string): Promise<void>;
}

const TIMEOUT_MS = 60_000;
const MOST_MESSAGES = 200;

/**
 * Questions about the history of a commit. A mirror may be evicted or damaged at any time, and git then fails in the
 * same way as for an unknown commit. So the commit is fetched first, and only what git says on success is an answer.
 */
export class History {
  private readonly options: HistoryOptions;

  constructor(options: HistoryOptions) {
    this.options = options;
  }

  async isAncestor(ancestor: string, commit: string): Promise<boolean> {
    const { ensure, store } = this.options;
    if (!isCommitId(ancestor)) return false;
    await ensure(commit);
    if (ancestor === commit) return true;
    // Most pushes add one commit: no process is needed to see that.
    if ((await store.parents(commit)).includes(ancestor)) return true;
    // The mirror has the whole history of a commit, so what it does not have is not part of it.
    if ((await store.resolve(ancestor)) !== ancestor) return false;
    // https://git-scm.com/docs/git-merge-base: 0 is yes, 1 is no, anything else an error.
    const result = await this.ask(commit, ['merge-base', '--is-ancestor', ancestor, commit], [0, 1]);
    return result.code === 0;
  }

  async messages(commit: string, since?: string): Promise<string[]> {
    await this.options.ensure(commit);
    const known = since !== undefined && (await this.isKnown(since));
    const range = known ? [`--max-count=${MOST_MESSAGES}`, `${since}..${commit}`] : ['--max-count=1', commit];
    const { stdout } = await this.ask(commit, ['log', '--format=%B%x00', ...range, '--']);
    return stdout.split('\0').filter((message) => message.trim() !== '');
  }

  async since(commit: string, known: string[], most: number): Promise<string[]> {
    const { ensure, store } = this.options;
    await ensure(commit);
    const ids = known.filter(isCommitId);
    const found = await Promise.all(ids.map((id) => store.resolve(id)));
    const excluded = ids.filter((id, index) => found[index] === id).map((id) => `^${id}`);
    const { stdout } = await this.ask(commit, ['rev-list', `--max-count=${most}`, commit, ...excluded, '--']);
    return stdout.split('\n').filter((line) => line !== '');
  }

  /** Fetches the commit if necessary; false if the forge does not have it. */
  private async isKnown(commit: string): Promise<boolean> {
    try {
      await this.options.ensure(commit);
      return true;
    } catch (error) {
      if (error instanceof SlipwayError && error.code === 'COMMIT_MISSING') return false;
      throw error;
    }
  }

  /** Repairs the mirror once if git cannot answer. */
  private async ask(commit: string, args: string[], answers = [0]): Promise<GitResult> {
    // Before Git 2.45, merge-base only complains of a missing object, and then says no.
    const isAnswer = ({ code, stderr }: GitResult) =>
      code !== undefined && answers.includes(code) && !stderr.startsWith('error:');
    const first = await this.run(args);
    if (isAnswer(first)) return first;
    if (first.timedOut) throw this.failure(first);
    await this.options.mend(commit);
    const second = await this.run(args);
    if (isAnswer(second)) return second;
    throw this.failure(second);
  }

  private async run(args: string[]): Promise<GitResult> {
    const { program, gitDir, env, closing } = this.options;
    const run = { program, args: [`--git-dir=${gitDir}`, ...args], env, timeoutMs: TIMEOUT_MS };
    return runGit({ ...run, signal: closing }).catch((error: unknown) => {
      throw closing.aborted ? closing.reason : gitMissing(this.what, error);
    });
  }

  private failure(result: GitResult): SlipwayError {
    return gitFailure(this.what, result);
  }

  private get what(): string {
    return `read the history of ${this.options.repository}`;
  }
}
