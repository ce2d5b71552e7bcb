import { z } from 'zod';
import { BranchName, CommitId, RepositoryPath, Sender } from '../payload.ts';

const Repository = z.object({ full_name: RepositoryPath, default_branch: BranchName });

/** Fields of nearly every event, read leniently, because most events are only recorded. */
export const Envelope = z.object({
  action: z.string().optional().catch(undefined),
  repository: Repository.optional().catch(undefined),
  sender: z.object({ login: Sender }).optional().catch(undefined),
});

/** https://docs.github.com/en/webhooks/webhook-events-and-payloads#push */
export const Push = z.object({
  ref: z.string().startsWith('refs/'),
  after: CommitId,
  deleted: z.boolean(),
  /** Null for a deletion; for an annotated tag the commit, where `after` is the tag itself. */
  head_commit: z.object({ id: CommitId }).nullish(),
  repository: Repository,
});

/** https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request */
export const PullRequest = z.object({
  action: z.string(),
  number: z.int(),
  pull_request: z.object({
    merged: z.boolean().nullish(),
    merge_commit_sha: CommitId.nullable(),
    head: z.object({ sha: CommitId }),
    base: z.object({ ref: z.string() }),
  }),
  repository: Repository,
});

/** https://docs.github.com/en/webhooks/webhook-events-and-payloads#create (and #delete) */
export const RefEvent = z.object({
  ref: z.string(),
  ref_type: z.enum(['branch', 'tag']),
  repository: Repository,
});

/** An item of `GET /repos/{owner}/{repo}/commits/{sha}/pulls`. */
export const PullOfCommit = z.object({
  number: z.int(),
  merged_at: z.string().nullable(),
  head: z.object({ sha: CommitId }),
  base: z.object({ ref: z.string() }),
});

/** `GET /repos/{owner}/{repo}/pulls/{pull_number}`. */
export const MergedPull = z.object({
  merged: z.boolean(),
  merge_commit_sha: CommitId.nullable(),
  head: z.object({ sha: CommitId }),
});

/** `GET /repos/{owner}/{repo}/commits/{ref}/status`: the newest status of each context. */
export const CombinedStatus = z.object({
  statuses: z.array(z.object({ context: z.string(), state: z.string() })),
  total_count: z.int(),
});
export type CombinedStatus = z.infer<typeof CombinedStatus>;
