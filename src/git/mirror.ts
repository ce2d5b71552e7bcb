import type { Dispatcher } from 'undici';
import { SlipwayError } from '../errors.ts';
import { isBranchName } from '../model/branch-name.ts';
import type { Tree } from '../model/tree.ts';
import type { GitAccess } from '../ports/forge.ts';
import type { Fetched, Mirror, RemoteHeads } from '../ports/git.ts';
import type { Logger } from '../telemetry/logger.ts';
import { branchRef, isCommitId } from './branch-ref.ts';
import { CommitTree } from './commit-tree.ts';
import type { FetchContext } from './fetch.ts';
import { fetchBranches, fetchCommit, listHeads } from './fetch.ts';
import { History } from './history.ts';
import { Joined } from './joined.ts';
import { withLock } from './lock.ts';
import { discardMirror, maintainMirror, prepareMirror } from './mirror-folder.ts';
import { MirrorUse } from './mirror-use.ts';
import type { ObjectCache } from './object-cache.ts';
import { ObjectReader } from './object-reader.ts';
import { ObjectStore } from './object-store.ts';
import { orAborted } from './or-aborted.ts';
import { RefusedHeads } from './refused-heads.ts';
import type { Remote } from './remote.ts';
import { runGit } from './run-git.ts';
import { SharedRuns } from './shared-runs.ts';
import type { PackIndexer } from './wire/pack-indexer.ts';
import { Wire } from './wire/wire.ts';

export interface MirrorOptions {
  repository: string;
  gitDir: string;
  program: string;
  /** Environment of calls that do not reach the forge. */
  env: Record<string, string>;
  remote: Remote;
  access: () => Promise<GitAccess>;
  /** What every call to the forge goes through; it may refuse to make one. */
  pass: <T>(call: () => Promise<T>, signal: AbortSignal) => Promise<T>;
  /** Connections of the fast path of a fetch; undefined: git makes every fetch. */
  dispatcher: Dispatcher | undefined;
  cache: ObjectCache;
  /** Milliseconds without a byte after which a fetch is given up. Default: two minutes. */
  silenceMs?: number | undefined;
  /** Shared by all mirrors of the process. */
  packs: PackIndexer;
  log: Logger;
  /** Aborts when the mirrors are closed. */
  closing: AbortSignal;
}

const SILENCE_MS = 2 * 60_000;
const LOCAL_TIMEOUT_MS = 60_000;
const IDLE_MS = 60_000;
/** A small fetch adds a handful of files; after this many fetches they are packed into one. */
const FETCHES_PER_REPACK = 100;
const REPACK_DELAY_MS = 5_000;
/** If a mirror is broken again within this time, another clone would not repair it. */
const RENEW_PAUSE_MS = 60_000;

/** One bare repository on this host, and the only reader of its objects. */
export class GitMirror implements Mirror {
  private readonly options: MirrorOptions;
  private readonly reader: ObjectReader;
  private readonly store: ObjectStore;
  private readonly history: History;
  private readonly wire: Wire | undefined;
  private readonly fetches: Joined<string, Fetched>;
  private readonly mends: Joined<string, void>;
  private readonly commits = new SharedRuns<string>();
  /** The commit that the next fetch will probably bring. */
  private announced: string | undefined;
  private readonly refused = new RefusedHeads(() => this.heads());
  private fetchCount = 0;
  private renewedAt = Number.NEGATIVE_INFINITY;

  constructor(options: MirrorOptions) {
    this.options = options;
    const { program, gitDir, env, cache } = options;
    const use = new MirrorUse(gitDir);
    this.reader = new ObjectReader({ program, gitDir, env, idleMs: IDLE_MS, onUse: () => use.mark() });
    this.store = new ObjectStore(this.reader, cache);
    const { dispatcher } = options;
    if (dispatcher) this.wire = new Wire({ ...options, dispatcher, store: this.store });
    this.fetches = new Joined((branches) => this.locked(() => this.fetchNow([...branches])));
    this.mends = new Joined((commits) => this.mendNow([...commits]));
    const ensure = (commit: string) => this.ensure(commit);
    const mend = (commit: string) => this.mends.ask([commit]);
    this.history = new History({ ...options, store: this.store, ensure, mend });
  }

  heads(signal?: AbortSignal): Promise<RemoteHeads> {
    const until = this.until(signal);
    return this.options.pass(
      async () => (await this.wire?.list(until)) ?? listHeads(this.options.remote, until),
      until,
    );
  }

  async fetch(branches: string[], signal?: AbortSignal, announced?: string): Promise<Fetched> {
    const wanted = branches.filter(isBranchName);
    if (wanted.length === 0) return { heads: new Map(), defaultBranch: undefined };
    if (announced !== undefined && isCommitId(announced)) this.announced = announced;
    const { heads, defaultBranch } = await orAborted(this.fetches.ask(wanted), signal);
    return { heads: new Map([...heads].filter(([branch]) => wanted.includes(branch))), defaultBranch };
  }

  async has(commit: string): Promise<boolean> {
    return (await this.store.resolve(commit)) === commit;
  }

  async ensure(commit: string, signal?: AbortSignal): Promise<void> {
    if (!isCommitId(commit)) throw this.missing(commit);
    if (await this.has(commit)) return;
    const fetch = () => this.fetches.alone(() => this.locked(() => this.fetchCommitNow(commit)));
    // Many releases of a push need the same commit: one fetch serves them.
    await orAborted(this.commits.ask(commit, fetch), signal);
  }

  tree(commit: string): Tree {
    return new CommitTree(commit, this.store, (broken) => this.mends.ask([broken]));
  }

  isAncestor(ancestor: string, commit: string): Promise<boolean> {
    return this.history.isAncestor(ancestor, commit);
  }

  messages(commit: string, since?: string): Promise<string[]> {
    return this.history.messages(commit, since);
  }

  since(commit: string, known: string[], most: number): Promise<string[]> {
    return this.history.since(commit, known, most);
  }

  /** Ends the reader; the `closing` signal ends running fetches. */
  close(): void {
    this.reader.end();
  }

  private async fetchNow(branches: string[]): Promise<Fetched> {
    await this.prepare();
    await this.refused.checkBranches(branches);
    return this.options.pass(() => this.fetchBranchesNow(branches), this.options.closing);
  }

  private async fetchBranchesNow(branches: string[]): Promise<Fetched> {
    const announced = this.announced === undefined ? [] : [this.announced];
    this.announced = undefined;
    const quick = await this.wire?.branches(branches, announced);
    this.countFetch();
    if (quick) {
      await this.forget(branches.filter((branch) => !quick.heads.has(branch)));
      return quick;
    }
    const heads = new Map<string, string>();
    const context = this.context();
    // git fetch does not report which branch HEAD names, so that is asked concurrently.
    const [fetched, listed] = await Promise.all([
      fetchBranches(context, branches).catch((error: unknown) => this.refused.remember(error, branches)),
      listHeads(context.remote, context.signal),
    ]);
    for (const branch of fetched) {
      const commit = await this.store.resolve(branchRef(branch));
      if (commit === undefined) throw this.missing(`of branch ${branch}`);
      heads.set(branch, commit);
      this.wire?.remember(commit);
    }
    return { heads, defaultBranch: listed.defaultBranch === '' ? undefined : listed.defaultBranch };
  }

  private async fetchCommitNow(commit: string): Promise<void> {
    if (await this.has(commit)) return;
    this.refused.check(commit);
    await this.prepare();
    this.countFetch();
    await this.options.pass(async () => {
      if (await this.wire?.commit(commit)) return;
      await fetchCommit(this.context(), commit);
    }, this.options.closing);
    if (!(await this.has(commit))) throw this.missing(commit);
  }

  /** An object of a commit is missing: fetches the commit; if the mirror has it already, clones the mirror again. */
  private async mendNow(commits: string[]): Promise<void> {
    for (const commit of commits) {
      if (!isCommitId(commit)) throw this.missing(commit);
      // It may still read the files of a mirror that was evicted.
      this.reader.end();
      const present = await this.has(commit);
      await this.fetches.alone(() =>
        this.locked(async () => {
          if (present) await this.renew();
          await this.fetchCommitNow(commit);
        }),
      );
    }
  }

  private async renew(): Promise<void> {
    const { repository, gitDir, log } = this.options;
    if (performance.now() - this.renewedAt < RENEW_PAUSE_MS) {
      throw new SlipwayError(
        'GIT_UNREACHABLE',
        `the mirror of ${repository} was cloned again and is still broken`,
      );
    }
    this.renewedAt = performance.now();
    log.warn({ repository }, 'mirror is broken and is cloned again');
    this.reader.end();
    await discardMirror(gitDir);
    await this.prepare();
  }

  private async prepare(): Promise<void> {
    if (!(await prepareMirror(this.options))) return;
    this.reader.end();
    this.wire?.forget();
  }

  private locked<T>(work: () => Promise<T>): Promise<T> {
    return withLock(`${this.options.gitDir}.lock`, work, this.options.closing);
  }

  private context(): FetchContext {
    return {
      gitDir: this.options.gitDir,
      remote: this.options.remote,
      silenceMs: this.options.silenceMs ?? SILENCE_MS,
      signal: this.options.closing,
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
      this.locked(() => maintainMirror(this.options)).catch((error: unknown) =>
        this.options.log.warn({ err: error, repository: this.options.repository }, 'repack failed'),
      );
    }, REPACK_DELAY_MS);
    timer.unref();
  }

  private until(signal: AbortSignal | undefined): AbortSignal {
    return signal ? AbortSignal.any([signal, this.options.closing]) : this.options.closing;
  }

  private missing(commit: string): SlipwayError {
    return new SlipwayError('COMMIT_MISSING', `${this.options.repository} has no commit ${commit}`);
  }
}
