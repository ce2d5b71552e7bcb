import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SlipwayError } from '../errors.ts';
import type { Fetched, RemoteHeads } from '../ports/git.ts';
import { branchRef } from './branch-ref.ts';
import { type FetchContext, fetchBranches, fetchCommit, listHeads } from './fetch.ts';
import { discardMirror, maintainMirror, prepareMirror } from './mirror-folder.ts';
import type { MirrorOptions } from './mirror-options.ts';
import type { ObjectStore } from './object-store.ts';
import { RefusedHeads } from './refused-heads.ts';
import { runGit } from './run-git.ts';
import { withinShare } from './share.ts';
import type { Wire } from './wire/wire.ts';

export interface FetcherOptions extends MirrorOptions {
  store: ObjectStore;
  wire: Wire | undefined;
  heads: () => Promise<RemoteHeads>;
  /** Holds the mirror's lock meanwhile. */
  locked: <T>(work: () => Promise<T>) => Promise<T>;
  /** Called before the folder is another one. */
  onReplaced: () => void;
}

const SILENCE_MS = 2 * 60_000;
const LOCAL_TIMEOUT_MS = 60_000;
/** A small fetch adds a handful of files; after this many fetches they are packed into one. */
const FETCHES_PER_REPACK = 100;
const REPACK_DELAY_MS = 5_000;
/** If a mirror is broken again within this time, another clone would not repair it. */
const RENEW_PAUSE_MS = 60_000;

/** The only writer of a mirror. The caller holds the mirror's lock. */
export class MirrorFetcher {
  private readonly options: FetcherOptions;
  private readonly store: ObjectStore;
  private readonly wire: Wire | undefined;
  private readonly refused: RefusedHeads;
  private fetchCount = 0;
  private renewedAt = Number.NEGATIVE_INFINITY;

  constructor(options: FetcherOptions) {
    this.options = options;
    this.store = options.store;
    this.wire = options.wire;
    this.refused = new RefusedHeads(options.heads);
  }

  /** Brings the heads of branches. `announced` is probably one of them. */
  async branches(branches: string[], announced: string | undefined): Promise<Fetched> {
    await this.prepare();
    await this.refused.checkBranches(branches);
    return this.fromForge((signal) => this.fetchBranches(branches, announced, signal)).catch(
      (error: unknown) => this.refused.remember(error, branches),
    );
  }

  /** A call that adds to the mirror. What force pushes left may be what is too much, so a new mirror gets a second try. */
  private async fromForge<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { pass, gitDir, closing, maxBytes } = this.options;
    const once = () =>
      withinShare({ gitDir, maxBytes, signal: closing }, (signal) => pass(() => call(signal), signal));
    const had = await this.hasPacks();
    try {
      return await once();
    } catch (error) {
      if (!isTooLarge(error)) throw error;
      await this.startAnew();
      if (!had) throw error;
    }
    try {
      return await once();
    } catch (error) {
      if (isTooLarge(error)) await this.startAnew();
      throw error;
    }
  }

  private async fetchBranches(
    branches: string[],
    announced: string | undefined,
    signal: AbortSignal,
  ): Promise<Fetched> {
    const ahead = announced === undefined ? [] : [announced];
    const quick = await this.wire?.branches(branches, ahead, signal);
    this.countFetch();
    if (quick) {
      await this.forget(branches.filter((branch) => !quick.heads.has(branch)));
      return quick;
    }
    const heads = new Map<string, string>();
    const context = this.context(signal);
    // git fetch does not report which branch HEAD names, so that is asked concurrently.
    const [fetched, listed] = await Promise.all([
      fetchBranches(context, branches),
      listHeads(context.remote, context.signal),
    ]);
    for (const branch of fetched) {
      const commit = await this.store.resolve(branchRef(branch));
      if (commit === undefined) throw missing(this.options.repository, `of branch ${branch}`);
      heads.set(branch, commit);
      this.wire?.remember(commit);
    }
    return { heads, defaultBranch: listed.defaultBranch === '' ? undefined : listed.defaultBranch };
  }

  /** Brings a commit by its id, unless the mirror has it. */
  async commit(commit: string): Promise<void> {
    if (await this.has(commit)) return;
    this.refused.check(commit);
    await this.prepare();
    this.countFetch();
    await this.fromForge(async (signal) => {
      if (await this.wire?.commit(commit, signal)) return;
      await fetchCommit(this.context(signal), commit);
    }).catch((error: unknown) => this.refused.rememberCommit(error, commit));
    if (!(await this.has(commit))) throw missing(this.options.repository, commit);
  }

  /** Replaces a broken mirror by an empty one. Throws GIT_UNREACHABLE if that was done just before. */
  async renew(): Promise<void> {
    const { repository, log } = this.options;
    if (performance.now() - this.renewedAt < RENEW_PAUSE_MS) {
      throw new SlipwayError(
        'GIT_UNREACHABLE',
        `the mirror of ${repository} was cloned again and is still broken`,
      );
    }
    this.renewedAt = performance.now();
    log.warn({ repository }, 'mirror is broken and is cloned again');
    await this.startAnew();
  }

  private async startAnew(): Promise<void> {
    this.options.onReplaced();
    await discardMirror(this.options.gitDir);
    await this.prepare();
  }

  private async prepare(): Promise<void> {
    if (!(await prepareMirror(this.options))) return;
    this.options.onReplaced();
    this.wire?.forget();
  }

  private context(signal: AbortSignal): FetchContext {
    return {
      gitDir: this.options.gitDir,
      remote: this.options.remote,
      silenceMs: this.options.silenceMs ?? SILENCE_MS,
      signal,
      renew: () => this.renew(),
      forget: (branches) => this.forget(branches),
    };
  }

  private async forget(branches: string[]): Promise<void> {
    const { program, gitDir, env } = this.options;
    for (const ref of branches.map(branchRef)) {
      if ((await this.store.resolve(ref)) === undefined) continue;
      const args = [`--git-dir=${gitDir}`, 'update-ref', '-d', ref];
      await runGit({ program, args, env, timeoutMs: LOCAL_TIMEOUT_MS });
    }
  }

  private countFetch(): void {
    this.fetchCount += 1;
    if (this.fetchCount % FETCHES_PER_REPACK !== 0) return;
    // Not now: a release is waiting for what was just fetched.
    const timer = setTimeout(() => {
      this.options
        .locked(() => maintainMirror(this.options))
        .catch((error: unknown) =>
          this.options.log.warn({ err: error, repository: this.options.repository }, 'repack failed'),
        );
    }, REPACK_DELAY_MS);
    timer.unref();
  }

  private async has(commit: string): Promise<boolean> {
    return (await this.store.resolve(commit)) === commit;
  }

  private async hasPacks(): Promise<boolean> {
    return (await readdir(join(this.options.gitDir, 'objects', 'pack')).catch(() => [])).length > 0;
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof SlipwayError && error.code === 'GIT_TOO_LARGE';
}

/** A commit that the forge does not have. */
export function missing(repository: string, commit: string): SlipwayError {
  return new SlipwayError('COMMIT_MISSING', `${repository} has no commit ${commit}`);
}
