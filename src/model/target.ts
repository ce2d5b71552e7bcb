import type { FieldRule } from './field-rule.ts';
import type { HealthRule } from './health-rule.ts';
import type { JsonValue } from './object.ts';

/** `forge/owner/name`; on GitLab `forge/group/subgroup/name`. The first part is the forge's name in server.yaml. */
export type RepositoryId = string;

/** `<repository>//<app>@<environment>`: the unit of leases, status and history. */
export type TargetId = string;

export interface TargetParts {
  repository: RepositoryId;
  app: string;
  environment: string;
}

export type RendererName = 'plain' | 'kustomize' | 'helm' | 'jsonnet';

/** An app in an environment, with every default and placeholder of slipway.yaml filled in. */
export interface Target extends TargetParts {
  id: TargetId;
  branch: string;
  cluster: string;
  /** Namespace of namespaced objects that have none; also the namespace of the Helm release. */
  namespace: string;
  /** Folder in the repository, normalised, without leading or trailing slash; `.` is the root. */
  path: string;
  /** Undefined: detected from the files in the folder. */
  renderer?: RendererName | undefined;
  helm: { releaseName: string; values: string[] };
  /** Undefined: no options. */
  jsonnet?: JsonnetOptions | undefined;
  /** Targets that must be healthy first; they may be in other repositories of the project. */
  dependsOn: TargetId[];
  /** How long the app may take to become healthy. */
  timeoutMs: number;
  /** How long a failure that may recover (image not found, crash loop) may last before the release fails. */
  failFastMs: number;
  /** Health rules that take precedence over Slipway's. Not part of the content key: a changed rule deploys nothing. */
  health?: HealthRule[] | undefined;
  /** Takes over objects that another target or tool owns, instead of refusing them. */
  adopt?: boolean | undefined;
  /** Fields that others set: sent when an object is created, and ignored from then on. */
  ignore?: FieldRule[] | undefined;
  /** Fields whose values are never shown. Not part of the content key: it does not change what is deployed. */
  mask?: FieldRule[] | undefined;
  /** slipway.yaml no longer defines the target: its objects are to be deleted. */
  removed?: boolean | undefined;
  /** With `removed`: what slipway.yaml has there and could not be desired, so that it may still take over objects. */
  unsettled?: string[] | undefined;
  /** Undefined: the defaults of slipway.yaml. */
  prune?: Prune | undefined;
}

/** What programs of Jsonnet are given. */
export interface JsonnetOptions {
  /** Folders of imports, relative to the app's folder. */
  libraries: string[];
  /** Top-level arguments, and external variables. */
  arguments: Record<string, JsonValue>;
  variables: Record<string, JsonValue>;
}

/** How objects that are no longer in any file are deleted. */
export interface Prune {
  /** The largest share of the target's objects (0 to 1) that one release deletes without confirmation by a person. */
  maxShare: number;
  /** `foreground`: an object is deleted after the objects that it owns. */
  propagation: 'background' | 'foreground';
}

/** What holds if slipway.yaml says nothing. */
export const defaultPrune: Prune = { maxShare: 0.3, propagation: 'background' };

export function targetId(parts: TargetParts): TargetId {
  return `${parts.repository}//${parts.app}@${parts.environment}`;
}

/** The parts of a target id; undefined if the text is not one. */
export function parseTargetId(text: string): TargetParts | undefined {
  const match = /^([^/\s]+(?:\/[^/\s]+)+)\/\/([^/@\s]+)@([^/@\s]+)$/.exec(text);
  if (!match) return undefined;
  const [, repository = '', app = '', environment = ''] = match;
  return { repository, app, environment };
}

/** `app@environment`, for people; not unique across repositories. */
export function shortName(parts: TargetParts): string {
  return `${parts.app}@${parts.environment}`;
}

/** The repository of a target; a repository's id contains no `//`. */
export function repositoryOf(id: TargetId): RepositoryId {
  return id.slice(0, id.indexOf('//'));
}

/** A target as slipway.yaml of `beside` names it: without the repository and environment that both share. */
export function relativeName(id: TargetId, beside: Pick<TargetParts, 'repository' | 'environment'>): string {
  const parts = parseTargetId(id);
  if (!parts) return id;
  const { repository, app, environment } = parts;
  const name = repository === beside.repository ? app : `${repository}//${app}`;
  return environment === beside.environment ? name : `${name}@${environment}`;
}

/** The forge's name, and the path of the repository on the forge. */
export function splitRepository(repository: RepositoryId): { forge: string; path: string } {
  const slash = repository.indexOf('/');
  return { forge: repository.slice(0, slash), path: repository.slice(slash + 1) };
}
