import { isBranchName } from '../model/branch-name.ts';
import type { Tree } from '../model/tree.ts';
import type { Fetched, Mirror, RemoteHeads } from '../ports/git.ts';
import { isCommitId } from './branch-ref.ts';
import { CommitTree } from './commit-tree.ts';
import { listHeads } from './fetch.ts';
import { History } from './history.ts';
import { Joined } from './joined.ts';
import { withLock } from './lock.ts';
import { MirrorFetcher, missing } from './mirror-fetcher.ts';
import type { MirrorOptions } from './mirror-options.ts';
import { MirrorUse } from './mirror-use.ts';
import { ObjectReader } from './object-reader.ts';
import { ObjectStore } from './object-store.ts';
import { orAborted } from './or-aborted.ts';
import { SharedRuns } from './shared-runs.ts';
import { Wire } from './wire/wire.ts';

const IDLE_MS = 60_000;

/** One bare repository on this host, and the only reader of its objects. */
export class GitMirror implements Mirror {
  private readonly options: MirrorOptions;
  private readonly reader: ObjectReader;
  private readonly store: ObjectStore;
  private readonly history: History;
  private readonly wire: Wire | undefined;
  private readonly fetcher: MirrorFetcher;
  private readonly fetches: Joined<string, Fetched>;
  private readonly mends: Joined<string, void>;
  private readonly commits = new SharedRuns<string>();
  /** The commit that the next fetch will probably bring. */
  private announced: string | undefined;

  constructor(options: MirrorOptions) {
    this.options = options;
    const { program, gitDir, env, cache } = options;
    const use = new MirrorUse(gitDir);
    this.reader = new ObjectReader({ program, gitDir, env, idleMs: IDLE_MS, onUse: () => use.mark() });
    this.store = new ObjectStore(this.reader, cache);
    const { dispatcher } = options;
    if (dispatcher) this.wire = new Wire({ ...options, dispatcher, store: this.store });
    this.fetcher = new MirrorFetcher({
      ...options,
      store: this.store,
      wire: this.wire,
      heads: () => this.heads(),
      locked: (work) => this.locked(work),
      onReplaced: () => this.reader.end(),
    });
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
    if (!isCommitId(commit)) throw missing(this.options.repository, commit);
    if (await this.has(commit)) return;
    const fetch = () => this.fetches.alone(() => this.locked(() => this.fetcher.commit(commit)));
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

  private fetchNow(branches: string[]): Promise<Fetched> {
    const { announced } = this;
    this.announced = undefined;
    return this.fetcher.branches(branches, announced);
  }

  /** An object of a commit is missing: fetches the commit; if the mirror has it already, clones the mirror again. */
  private async mendNow(commits: string[]): Promise<void> {
    for (const commit of commits) {
      if (!isCommitId(commit)) throw missing(this.options.repository, commit);
      // It may still read the files of a mirror that was evicted.
      this.reader.end();
      const present = await this.has(commit);
      await this.fetches.alone(() =>
        this.locked(async () => {
          if (present) await this.fetcher.renew();
          await this.fetcher.commit(commit);
        }),
      );
    }
  }

  private locked<T>(work: () => Promise<T>): Promise<T> {
    return withLock(`${this.options.gitDir}.lock`, work, this.options.closing);
  }

  private until(signal: AbortSignal | undefined): AbortSignal {
    return signal ? AbortSignal.any([signal, this.options.closing]) : this.options.closing;
  }
}
