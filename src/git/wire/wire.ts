import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Dispatcher } from 'undici';
import type { GitAccess } from '../../ports/forge.ts';
import type { Fetched, RemoteHeads } from '../../ports/git.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { branchRef, commitRef } from '../branch-ref.ts';
import type { ObjectStore } from '../object-store.ts';
import type { PackIndexer } from './pack-indexer.ts';
import { type HttpAccess, UploadPack } from './upload-pack.ts';

export interface WireOptions {
  repository: string;
  gitDir: string;
  packs: PackIndexer;
  access: () => Promise<GitAccess>;
  store: ObjectStore;
  dispatcher: Dispatcher;
  log: Logger;
  closing: AbortSignal;
}

/** After this many failures in a row, git makes all fetches from this forge for a while. */
const MAX_FAILURES = 3;
const PAUSE_MS = 10 * 60_000;

/** Heads that a push most likely builds on; more would only lengthen the request. */
const MAX_HAVES = 32;

/**
 * The fast path of a look and of a fetch over HTTP. A look is one request where git needs two processes. For a fetch: two requests on an open connection, and one process. `git fetch` needs three
 * requests on a new connection (with TLS that is five round trips) and five processes; against the sandbox's forge the
 * fast path costs a third; it is used only if the mirror has a head to build on. Anything unexpected is left to
 * `git fetch`, which also reports what is wrong.
 */
export class Wire {
  private readonly options: WireOptions;
  private usable: boolean | undefined;
  private failures = 0;
  private pausedUntil = 0;
  /** Branch heads that this mirror is known to have. */
  private readonly haves = new Set<string>();

  constructor(options: WireOptions) {
    this.options = options;
  }

  /** Records what a fetch by git brought, so that the next one can build on it. */
  remember(commit: string): void {
    this.haves.delete(commit);
    this.haves.add(commit);
    const [oldest] = this.haves;
    if (this.haves.size > MAX_HAVES && oldest !== undefined) this.haves.delete(oldest);
  }

  /** Forgets the heads: the mirror was emptied. */
  forget(): void {
    this.haves.clear();
  }

  /**
   * Fetches branches; undefined: use git. A commit that was announced as a head is fetched while the heads are still being
   * read; usually it is one, which saves a round trip.
   */
  async branches(names: string[], announced: string[], signal: AbortSignal): Promise<Fetched | undefined> {
    return this.build(async (forge) => {
      const refs = names.map((name) => `refs/heads/${name}`);
      const ahead = this.bring(forge, announced).catch(() => undefined);
      const { heads: found, defaultBranch } = await forge.heads(refs);
      await ahead;
      const heads = names.flatMap((name): [string, string][] => {
        const id = found.get(`refs/heads/${name}`);
        return id === undefined ? [] : [[name, id]];
      });
      await this.bring(
        forge,
        heads.map(([, id]) => id),
      );
      for (const [name, id] of heads) await this.write(branchRef(name), id);
      return { heads: new Map(heads), defaultBranch };
    }, signal);
  }

  /** Lists the branches of the forge, which needs no mirror; undefined: use git. */
  async list(signal: AbortSignal): Promise<RemoteHeads | undefined> {
    return this.attempt((forge) => forge.branches(), signal);
  }

  /** Fetches a commit by its id; returns whether that worked. */
  async commit(id: string, signal: AbortSignal): Promise<boolean> {
    const done = await this.build(async (forge) => {
      await this.bring(forge, [id]);
      await this.write(commitRef(id), id);
      return true;
    }, signal);
    return done ?? false;
  }

  /** Only where the mirror has a head that a pack can build on. */
  private async build<T>(
    work: (forge: UploadPack) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T | undefined> {
    return this.haves.size === 0 ? undefined : this.attempt(work, signal);
  }

  private async attempt<T>(
    work: (forge: UploadPack) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T | undefined> {
    const { access, dispatcher, repository, log } = this.options;
    if (performance.now() < this.pausedUntil) return undefined;
    const found = await access();
    if (!isHttp(found)) return undefined;
    try {
      // Ends a silent connection; one over which bytes arrive may take as long as it needs.
      const forge = new UploadPack(dispatcher, found, signal);
      this.usable ??= await forge.isUsable();
      if (!this.usable) return undefined;
      const result = await work(forge);
      this.failures = 0;
      return result;
    } catch (error) {
      signal.throwIfAborted();
      this.failures += 1;
      if (this.failures % MAX_FAILURES === 0) this.pausedUntil = performance.now() + PAUSE_MS;
      log.debug({ repository, reason: error instanceof Error ? error.message : '' }, 'asked by git instead');
      return undefined;
    }
  }

  /** The commits with all objects that they need. */
  private async bring(forge: UploadPack, ids: string[]): Promise<void> {
    const { store, packs, gitDir } = this.options;
    const wants: string[] = [];
    for (const id of new Set(ids)) if ((await store.resolve(id)) !== id) wants.push(id);
    if (wants.length > 0) {
      await packs.add(gitDir, forge.pack(wants, [...this.haves]));
    }
    for (const id of wants)
      if ((await store.resolve(id)) !== id) throw new Error('the pack does not contain the requested commit');
    for (const id of ids) this.remember(id);
  }

  /** Writes a ref as git does: into its lock file, which is then renamed. */
  private async write(ref: string, id: string): Promise<void> {
    if ((await this.options.store.resolve(ref)) === id) return;
    const file = join(this.options.gitDir, ref);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(`${file}.lock`, `${id}\n`);
    await rename(`${file}.lock`, file);
  }
}

function isHttp(access: GitAccess): access is HttpAccess {
  return access.kind !== 'ssh' && /^https?:\/\//.test(access.url);
}
