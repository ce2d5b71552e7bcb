import { z } from 'zod';
import { BranchName, CommitId, RepositoryPath, Sender } from '../payload.ts';

const Project = z.object({ path_with_namespace: RepositoryPath, default_branch: BranchName });

/** Fields of nearly every event, read leniently, because most events are only recorded. */
export const Envelope = z.object({
  project: Project.optional().catch(undefined),
  user_username: Sender,
  user: z.object({ username: Sender }).optional().catch(undefined),
});

const pushFields = {
  ref: z.string().startsWith('refs/'),
  after: CommitId,
  /** Null for a deletion; for an annotated tag the commit, where `after` is the tag itself. */
  checkout_sha: CommitId.nullish(),
  project: Project,
};

/** https://docs.gitlab.com/user/project/integrations/webhook_events/#push-events */
export const Push = z.object({ object_kind: z.literal('push'), ...pushFields });

/** https://docs.gitlab.com/user/project/integrations/webhook_events/#tag-events */
export const TagPush = z.object({ object_kind: z.literal('tag_push'), ...pushFields });

/** https://docs.gitlab.com/user/project/integrations/webhook_events/#merge-request-events */
export const MergeRequest = z.object({
  object_kind: z.literal('merge_request'),
  object_attributes: z.object({
    iid: z.int(),
    /** Absent if a person pressed “Test”, and for changes without an action. */
    action: z.string().nullish(),
    target_branch: z.string(),
    last_commit: z.object({ id: CommitId }),
    /** Null for a fast-forward merge. */
    merge_commit_sha: CommitId.nullish(),
    squash_commit_sha: CommitId.nullish(),
  }),
  project: Project,
});

/** The response to a commit status: the pipeline that has it. */
export const PostedStatus = z.object({ pipeline_id: z.int().nullish() });
export type PostedStatus = z.infer<typeof PostedStatus>;

/** An item of `GET /projects/:id/repository/commits/:sha/merge_requests`. */
export const MergeRequestOfCommit = z.object({
  iid: z.int(),
  state: z.string(),
  sha: CommitId.nullable(),
  target_branch: z.string(),
});

/** `GET /projects/:id/merge_requests/:iid`. */
export const MergedRequest = z.object({
  state: z.string(),
  sha: CommitId.nullable(),
  merge_commit_sha: CommitId.nullish(),
  squash_commit_sha: CommitId.nullish(),
});

/** An item of `GET /projects/:id/repository/commits/:sha/statuses`. GitLab before 16.3 names no pipeline. */
export const ListedStatus = z.object({
  id: z.int(),
  name: z.string(),
  status: z.string(),
  pipeline_id: z.int().nullish(),
});
