import type { CommitReportKey } from '../model/commit-report.ts';
import type { RepositoryId, TargetId } from '../model/target.ts';

/**
 * The keys of desired revisions, releases and commit reports. The prefix of server.yaml has a hash tag, so that on a
 * Redis Cluster all keys share a slot and a script may touch several.
 */
export function stateKeys(prefix: string) {
  return {
    /** Targets by name. The lists whose keys begin with it have those of one environment, one cluster, one state. */
    listed: `${prefix}:listed`,
    /** Targets that no longer exist, by when they ended, in milliseconds. */
    former: `${prefix}:former`,
    target: (id: TargetId) => `${prefix}:target:${id}`,
    /** Targets with a release in progress, or whose last release did not end well. */
    unwell: `${prefix}:unwell`,
    /** Clusters and forges that releases failed for; the keys of the targets that wait for each begin with it. */
    retries: `${prefix}:retries`,
    dependents: (id: TargetId) => `${prefix}:dependents:${id}`,
    /** The dependencies of each target of a repository. */
    edges: (id: RepositoryId) => `${prefix}:edges:${id}`,
    /** Repositories with a commit that was refused for a dependency cycle through this one. */
    refused: (id: RepositoryId) => `${prefix}:refused:${id}`,
    /** Targets that render objects of this one: their revision that was refused, or that they take the objects over. */
    successors: (id: TargetId) => `${prefix}:successors:${id}`,
    /** The ApplySet parent on the cluster, as the last release left it. */
    parent: (id: TargetId) => `${prefix}:parent:${id}`,
    lease: (id: TargetId) => `${prefix}:lease:${id}`,
    history: (id: TargetId) => `${prefix}:history:${id}`,
    release: (id: string) => `${prefix}:release:${id}`,
    changes: (id: string) => `${prefix}:changes:${id}`,
    /** Stream of release events; its ids are the cursors of whoever reads it. */
    events: `${prefix}:events`,
    /** A channel that consumes the events: which process may, and how many events it was given. */
    channel: (name: string) => `${prefix}:channel:${name}`,
    /** A request for a plan; gone: nobody waits for it any more. */
    planRequest: (id: string) => `${prefix}:plan-request:${id}`,
    /** The last run of a plan, by the hash of what decides it. */
    planRun: (key: string) => `${prefix}:plan-run:${key}`,
    planClaim: (key: string) => `${prefix}:plan-claim:${key}`,
    repository: (id: RepositoryId) => `${prefix}:repository:${id}`,
    report: (key: CommitReportKey) => `${prefix}:report:${key.repository}:${key.commit}:${key.scope}`,
    /** Targets of a report whose line is not final; scripts append the same suffix to the report's key. */
    open: (key: CommitReportKey) => `${prefix}:report:${key.repository}:${key.commit}:${key.scope}:open`,
    sent: (key: CommitReportKey) => `${prefix}:sent:${key.repository}:${key.commit}:${key.scope}`,
    /** The token of the process that sends the report. */
    sender: (key: CommitReportKey) => `${prefix}:sender:${key.repository}:${key.commit}:${key.scope}`,
    unsent: `${prefix}:unsent`,
    /** Repositories whose statuses the forge refuses for its credentials, by when they are tried again. */
    refusals: `${prefix}:refusals`,
    /** Why, and since when. */
    refusal: (id: RepositoryId) => `${prefix}:refusal:${id}`,
    /** The repository's reports that were refused, by when. */
    refusedReports: (id: RepositoryId) => `${prefix}:refused-reports:${id}`,
    /** Repositories that an intake is to look at although no delivery waits, by the time of the request. */
    looks: `${prefix}:looks`,
    /** Why a slipway.yaml was refused, by a hash of its content. */
    refusedFile: (hash: string) => `${prefix}:refused-file:${hash}`,
    /** Missing: Redis is new or was emptied. */
    polled: `${prefix}:polled`,
    pollLock: (id: RepositoryId) => `${prefix}:poll-lock:${id}`,
    /** Signs the addresses of release pages, unless server.yaml has a secret for it. */
    linkSecret: `${prefix}:link-secret`,
    /** Publish channel: a target with a new desired revision. */
    desiredChannel: `${prefix}:desired`,
  };
}

export type StateKeys = ReturnType<typeof stateKeys>;

/** Field of an owner's hash: how often other targets began to take over objects while it stayed. */
export const LOSSES = 'losses';

/**
 * A list of targets beside that of all of them: those of one environment, one cluster or one state, or their short names
 * (each followed by a space and the identity). The scripts build the same keys.
 */
export function facetKey(
  keys: StateKeys,
  facet: 'environment' | 'cluster' | 'state' | 'names',
  value?: string,
) {
  return [keys.listed, facet, value].filter((part) => part !== undefined).join(':');
}

/** Field of a successor's hash, present until the owner was enqueued. */
export function tookField(owner: TargetId): string {
  return `${TOOK}${owner}`;
}

/** The owners whose objects the target with this hash has begun to take over. */
export function ownersIn(hash: Record<string, string>): TargetId[] {
  return Object.keys(hash).flatMap((field) => (field.startsWith(TOOK) ? [field.slice(TOOK.length)] : []));
}

const TOOK = 'took:';

/** Seconds that commit reports are kept, and what is left of a target that no longer exists. */
export const KEEP_SECONDS = 30 * 24 * 3600;
