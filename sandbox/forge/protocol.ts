/** The types of the forge's admin interface, shared by its routes and by `ForgeClient`. Times are epoch milliseconds with fractions. */

export type Face = 'github' | 'gitlab';

export const FACES: readonly Face[] = ['github', 'gitlab'];

export interface FaceAddress {
  /** Base of everything: Git below `<url>/<owner>/<name>.git`, REST below `<url>/api/v3` or `<url>/api/v4`. */
  url: string;
  /** A personal access token that may do everything on this face. */
  token: string;
}

export interface ForgeAddress {
  github: FaceAddress;
  gitlab: FaceAddress;
  adminUrl: string;
  adminToken: string;
}

export interface Person {
  name: string;
  email: string;
}

export interface NewRepository {
  defaultBranch?: string;
  files?: Record<string, string>;
  private?: boolean;
}

export interface CreatedRepository {
  id: number;
  defaultBranch: string;
  sha: string | null;
  cloneUrl: string;
}

export interface NewCommit {
  /** Path → content; `null` deletes a file. Without entries the commit is empty. */
  files: Record<string, string | null>;
  message?: string;
  author?: Person;
  /** The paths of `files` that get mode 100755. */
  executable?: string[];
  /** Path → target of a symbolic link. */
  symlinks?: Record<string, string>;
}

export interface Committed {
  sha: string;
  before: string | null;
  /** When the branch had moved and the webhooks left. */
  at: number;
}

export interface NewTag {
  sha?: string;
  /** If set, the tag is annotated. */
  message?: string;
}

export interface NewHook {
  url: string;
  /** GitHub: the HMAC key. GitLab: the value of X-Gitlab-Token. */
  secret?: string;
  contentType?: 'json' | 'form';
  /** GitHub: names as in X-GitHub-Event. GitLab: `push`, `tag_push`, `merge_request`. Default: all. */
  events?: string[];
  /** GitLab: `whsec_…`, signs every request. */
  signingKey?: string;
  /** A delivery that gets a 503 is sent again, as an operator's script would do. */
  resend?: boolean;
}

export type MergeMethod = 'merge' | 'squash' | 'rebase';

export interface NewPull {
  title: string;
  head: string;
  base?: string;
  body?: string;
}

export interface Pull {
  number: number;
  title: string;
  state: 'open' | 'closed' | 'merged';
  head: string;
  base: string;
  headSha: string;
  baseSha: string;
  mergeCommitSha: string | null;
}

export interface Status {
  id: number;
  sha: string;
  context: string;
  state: string;
  description: string | null;
  targetUrl: string | null;
  at: number;
}

export interface Comment {
  id: number;
  body: string;
  createdAt: number;
  updatedAt: number;
}

export interface Deployment {
  id: number;
  sha: string;
  ref: string;
  environment: string;
  statuses: { state: string; description: string | null; at: number }[];
}

export interface RefChange {
  ref: string;
  /** 40 zeros if the ref is new. */
  before: string;
  /** 40 zeros if the ref is deleted. */
  after: string;
}

export interface Push {
  refs: RefChange[];
  receivedAt: number;
  /** When the response to the push had been written; its webhooks are sent at this moment. */
  endedAt: number;
  via: 'git' | 'api';
}

export interface Attempt {
  sentAt: number;
  respondedAt: number | null;
  status: number | null;
  body: string;
  error: string | null;
}

export interface Delivery {
  id: number;
  /** X-GitHub-Delivery, or GitLab's Idempotency-Key. */
  guid: string;
  face: Face;
  repo: string;
  hookId: number;
  event: string;
  action: string | null;
  ref: string | null;
  payload: unknown;
  pushEndedAt: number | null;
  /** `lost` and `held` (until it is sent) come from faults. */
  fate: 'sent' | 'lost' | 'held';
  attempts: Attempt[];
}

export interface DeliveryFilter {
  face?: Face;
  repo?: string;
  event?: string;
  hookId?: number;
  /** Only deliveries with a greater id. */
  after?: number;
}

export interface RecordedRequest {
  at: number;
  kind: 'rest' | 'git';
  repo: string | null;
  method: string;
  /** Below `/api/v3` or `/api/v4`; for Git the whole path. */
  path: string;
  query: Record<string, unknown>;
  body: unknown;
  status: number;
  response: unknown;
}

export interface Faults {
  /** The next n webhooks are never sent. */
  lose?: number;
  /** The next n webhooks are sent twice, with the same id. */
  repeat?: number;
  /** Every webhook waits this long. */
  delayMs?: number;
  /** The next n webhooks are held and then sent in reverse order. */
  reorder?: number;
  /** Posting a commit status returns 503. */
  statusDown?: boolean;
  /** The next posts of a commit status return these codes, in this order; GitHub's 422 is that of a missing commit. */
  statusErrors?: number[];
  /** Every REST call's connection is dropped. */
  apiDown?: boolean;
  /** Git over HTTP returns 503. */
  gitDown?: boolean;
  /** Git over HTTP does not respond while this is set. */
  gitHangs?: boolean;
  /** The next `times` REST writes are refused as a forge does: by the secondary limit, or with `primary` by the hourly one. */
  rateLimit?: { times: number; status?: 403 | 429; retryAfter?: number; primary?: boolean };
  /** Every REST call takes at least this long. */
  latencyMs?: number;
  /** GitHub's secondary limit on statuses, comments and deployments: more than n in any 60 s are refused. GitHub's own n is 80. */
  contentPerMinute?: number;
}

export interface NewApp {
  appId: number;
  /** PEM, SPKI: verifies the App's JWTs. */
  publicKey: string;
}

export interface NewInstallation {
  id: number;
  appId: number;
  repositories: string[];
}

export interface LoggedCommit {
  sha: string;
  parents: string[];
  message: string;
}
