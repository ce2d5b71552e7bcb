import type { WebhookEvent } from '../model/delivery.ts';
import type { RepositoryId } from '../model/target.ts';

/**
 * GitHub refuses longer descriptions (https://docs.github.com/en/rest/commits/statuses), GitLab takes 255; one text
 * should read the same on both.
 */
export const MAX_DESCRIPTION = 140;

/** One commit status in neutral words; each forge's folder translates it. */
export interface CommitStatus {
  /** `slipway/production`, `slipway/production/web`, `slipway/config`; at most 255 characters. */
  context: string;
  state: 'pending' | 'success' | 'failure' | 'superseded';
  /** Only for `superseded`: whether the successor contains this commit. */
  inSuccessor?: boolean | undefined;
  /** On one line of at most `MAX_DESCRIPTION` characters, without secrets. */
  description: string;
  url?: string | undefined;
  /** What `postStatus` returned for an earlier status of this commit. */
  place?: string | undefined;
}

/** The newest status of a context, as the forge has it. */
export interface PresentStatus {
  context: string;
  /** Whether it waits for another one. */
  isOpen: boolean;
  /** As `CommitStatus.place`. */
  place?: string | undefined;
}

export interface WebhookRequest {
  headers: Record<string, string | string[] | undefined>;
  /** The bytes as received, which the signature covers. */
  body: Buffer;
}

/** How Git reaches a repository. The values are secrets: git gets them in its environment, never in an argument. */
export type GitAccess =
  | { url: string; kind: 'none' }
  | { url: string; kind: 'header'; header: string }
  | { url: string; kind: 'ssh'; keyFile: string; knownHostsFile?: string | undefined };

/** A pull or merge request that brought a commit to a branch. */
export interface PullOfCommit {
  number: number;
  head: string;
}

/** Addresses of the forge's pages for people. All of them begin with its `url` of server.yaml. */
export interface ForgeLinks {
  commit(repository: RepositoryId, commit: string): string;
  pull(repository: RepositoryId, number: number): string;
  /** A pull or merge request as people write it there: `#42`, `!42`. */
  pullName(number: number): string;
  /** `path` is that from the root of the repository; `line` is 1-based. */
  file(repository: RepositoryId, commit: string, path: string, line?: number): string;
}

/**
 * One forge of server.yaml. Throws FORGE_UNREACHABLE (with `retryAfterMs` from the forge's own headers), FORGE_REFUSED
 * (the credentials are wrong or lack a right), COMMIT_MISSING (the forge does not have the commit, or not yet) and
 * FORGE_INVALID (this very request will never be accepted).
 */
export interface Forge {
  readonly name: string;
  readonly links: ForgeLinks;
  /** Verifies the raw bytes, then parses. Throws SIGNATURE_INVALID, BODY_INVALID. */
  readWebhook(request: WebhookRequest): Promise<WebhookEvent>;
  /** Resolves to where the forge keeps the commit's statuses, if it has to be told with the next one. */
  postStatus(
    repository: RepositoryId,
    commit: string,
    status: CommitStatus,
    signal?: AbortSignal,
  ): Promise<string | undefined>;
  /** Of every context of the commit, also those of others; empty if the forge does not have the commit. */
  statusesOf(repository: RepositoryId, commit: string, signal?: AbortSignal): Promise<PresentStatus[]>;
  /** Merged pull requests that brought `commit` to the branch `base`. */
  pullsOf(
    repository: RepositoryId,
    commit: string,
    base: string,
    signal?: AbortSignal,
  ): Promise<PullOfCommit[]>;
  /** The pull request of this number, if it was merged and its merge made `commit`. */
  pullThatMade(
    repository: RepositoryId,
    commit: string,
    number: number,
    signal?: AbortSignal,
  ): Promise<PullOfCommit | undefined>;
  /** Computed anew for every call: installation tokens expire after an hour. */
  gitAccess(repository: RepositoryId): Promise<GitAccess>;
}
