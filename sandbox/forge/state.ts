import { join } from 'node:path';
import pLimit, { type LimitFunction } from 'p-limit';
import { notFound } from './failure.ts';
import type {
  Comment,
  Delivery,
  Deployment,
  Face,
  Faults,
  MergeMethod,
  NewApp,
  NewHook,
  NewInstallation,
  Pull,
  Push,
  RecordedRequest,
  Status,
} from './protocol.ts';

export interface Hook extends NewHook {
  id: number;
  createdAt: number;
}

export interface PullRecord extends Pull {
  id: number;
  body: string | null;
  createdAt: number;
  updatedAt: number;
  closedAt: number | null;
  mergedAt: number | null;
  mergeMethod: MergeMethod | null;
  squashCommitSha: string | null;
  /** Every commit of the pull request: its own, and those that a squash or a rebase wrote. Set when it is merged. */
  broughtShas: string[];
}

export interface StatusRecord extends Status {
  ref: string | null;
  pipelineId: number | null;
  updatedAt: number;
}

/** GitLab keeps a commit's statuses in pipelines. */
export interface PipelineRecord {
  id: number;
  sha: string;
  ref: string;
}

export interface CommentRecord extends Comment {
  number: number;
}

export interface DeploymentRecord extends Deployment {
  task: string;
  description: string | null;
  createdAt: number;
  updatedAt: number;
  statuses: { id: number; state: string; description: string | null; targetUrl: string | null; at: number }[];
}

export interface Repository {
  id: number;
  face: Face;
  fullName: string;
  /** Everything before the last segment: a GitHub owner, or a GitLab group with its subgroups. */
  owner: string;
  name: string;
  /** The bare repository. */
  dir: string;
  defaultBranch: string;
  private: boolean;
  createdAt: number;
  pushedAt: number;
  lastNumber: number;
  hooks: Map<number, Hook>;
  pulls: Map<number, PullRecord>;
  statuses: StatusRecord[];
  /** Every accepted post of a status, even if GitLab changes one in place. */
  statusLog: Status[];
  pipelines: PipelineRecord[];
  comments: CommentRecord[];
  deployments: DeploymentRecord[];
  protectedBranches: Set<string>;
  pushes: Push[];
  /** Full SHAs that were found in the repository. */
  knownCommits: Set<string>;
  faults: Faults;
  /** When statuses, comments and deployments were accepted in the last minute. */
  contentAt: number[];
  /** One writer at a time. */
  write: LimitFunction;
}

export interface InstallationToken {
  installationId: number;
  expiresAt: number;
}

export interface FaceState {
  face: Face;
  url: string;
  token: string;
  repositories: Map<string, Repository>;
  faults: Faults;
  requests: RecordedRequest[];
}

export interface ForgeState {
  dir: string;
  adminToken: string;
  faces: Record<Face, FaceState>;
  deliveries: Delivery[];
  apps: Map<number, NewApp>;
  installations: Map<number, NewInstallation>;
  installationTokens: Map<string, InstallationToken>;
  /** Ids are unique over the whole forge, so that one found in a log names one thing. */
  nextId(): number;
}

/** The name's letters are compared as written: neither forge lets two repositories differ by case only. */
export const findRepository = (state: FaceState, fullName: string): Repository => {
  const found = state.repositories.get(fullName.toLowerCase());
  if (found === undefined) throw notFound();
  return found;
};

export const newRepository = (
  state: ForgeState,
  face: Face,
  fullName: string,
  settings: { defaultBranch: string; private: boolean; at: number },
): Repository => {
  const cut = fullName.lastIndexOf('/');
  const repository: Repository = {
    id: state.nextId(),
    face,
    fullName,
    owner: fullName.slice(0, cut),
    name: fullName.slice(cut + 1),
    dir: join(state.dir, face, `${fullName}.git`),
    defaultBranch: settings.defaultBranch,
    private: settings.private,
    createdAt: settings.at,
    pushedAt: settings.at,
    lastNumber: 0,
    hooks: new Map(),
    pulls: new Map(),
    statuses: [],
    statusLog: [],
    pipelines: [],
    comments: [],
    deployments: [],
    protectedBranches: new Set(),
    pushes: [],
    knownCommits: new Set(),
    faults: {},
    contentAt: [],
    write: pLimit(1),
  };
  state.faces[face].repositories.set(fullName.toLowerCase(), repository);
  return repository;
};
