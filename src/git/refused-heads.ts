import { LRUCache } from 'lru-cache';
import { SlipwayError } from '../errors.ts';
import type { RemoteHeads } from '../ports/git.ts';

/** Commits whose content Git refused, or which are too large, with why: they are not fetched again. */
export class RefusedHeads {
  private readonly known = new LRUCache<string, SlipwayError>({ max: 100 });
  private readonly list: () => Promise<RemoteHeads>;

  constructor(list: () => Promise<RemoteHeads>) {
    this.list = list;
  }

  /** Throws again what Git said of the commit. */
  check(commit: string): void {
    const known = this.known.get(commit);
    if (known) throw known;
  }

  /** Throws again what Git said of the head that one of the branches has now. */
  async checkBranches(branches: string[]): Promise<void> {
    if (this.known.size === 0) return;
    const { branches: heads } = await this.list();
    for (const branch of branches) this.check(heads.get(branch) ?? '');
  }

  /** Remembers GIT_INVALID and GIT_TOO_LARGE, and throws them. Of several branches, it is not known which head Git refused. */
  async remember(error: unknown, [branch = '', ...others]: string[]): Promise<never> {
    if (isAboutContent(error) && others.length === 0) {
      const commit = (await this.list()).branches.get(branch);
      if (commit !== undefined) this.known.set(commit, error);
    }
    throw error;
  }

  /** The same of a commit that was fetched by its id. */
  rememberCommit(error: unknown, commit: string): never {
    if (isAboutContent(error)) this.known.set(commit, error);
    throw error;
  }
}

function isAboutContent(error: unknown): error is SlipwayError {
  return error instanceof SlipwayError && (error.code === 'GIT_INVALID' || error.code === 'GIT_TOO_LARGE');
}
