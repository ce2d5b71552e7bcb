import type { SlipwayError } from '../errors.ts';
import type { ChangeSet, ObjectChange } from '../model/change-set.ts';
import type { Failure } from '../model/failure.ts';
import type { FieldRule } from '../model/field-rule.ts';
import type { Notice } from '../model/notice.ts';
import type { ObjectRef, RenderedObject } from '../model/object.ts';
import type { EndState } from '../model/release.ts';
import type { Target, TargetId } from '../model/target.ts';
import type { ClusterVersion } from './renderer.ts';

/** One release in the history that a target's ApplySet parent keeps. */
export interface RecordLine {
  number: number;
  commit: string;
  contentKey: string;
  /** Key of the policy that allowed the content. Undefined: not known. */
  policyKey?: string | undefined;
  state: EndState;
  /** RFC 3339: seconds since the epoch would be ambiguous across tools. */
  at: string;
  by?: string | undefined;
}

/** The record on a target's ApplySet parent: the release in force and the last ten, newest first. */
export interface ParentRecord {
  target: TargetId;
  /** The last release that succeeded. */
  inForce?: RecordLine | undefined;
  history: RecordLine[];
}

/** What a cluster's ApplySet parent says of its target. */
export interface RecordedTarget extends ParentRecord {
  /** Those in which the target owns objects, sorted. */
  namespaces: string[];
}

/** Called between writes. Throws LEASE_LOST or SUPERSEDED if this run must not write any more. */
export type LeaseCheck = () => Promise<void>;

export interface ApplyOptions {
  signal: AbortSignal;
  checkLease: LeaseCheck;
  dryRun?: boolean;
  /** How an apply waits for its waves and hooks. Undefined: it keeps the permit and waits until `signal` aborts. */
  waits?: Waits;
}

export interface Waits {
  /** Ends a wait, for example because a newer desired revision supersedes the release. */
  signal: AbortSignal;
  /** Runs the wait without the release's permit, so that it delays no other release. */
  withoutPermit<T>(wait: () => Promise<T>): Promise<T>;
}

export interface ApplyOutcome extends ChangeSet {
  /** Objects of a wave that did not become healthy, so that the apply ended early; otherwise empty. */
  unhealthy: Unhealthy[];
}

export interface PruneOptions extends ApplyOptions {
  /** A person has confirmed a prune that was held. */
  confirmed?: boolean;
  /** The whole target is removed: slipway.yaml no longer has its app or environment. Always held until a person confirms it. */
  whole?: boolean;
  /**
   * Asked once, before anything is deleted: which of the objects other targets render, by `refKey`, with the notice of
   * the object's change. They are left on the cluster as they are.
   */
  leftFor?: (objects: ObjectRef[]) => Promise<ReadonlyMap<string, Notice>>;
}

export interface VerifyOptions {
  signal: AbortSignal;
  timeoutMs: number;
  failFastMs: number;
  /** Lets the wait delete pods that block an update if their StatefulSet allows it. Undefined: it writes nothing. */
  checkLease?: LeaseCheck;
  /** Called for each pod that was deleted for that. */
  onReplaced?: (change: ObjectChange) => void;
  /** Called when the summary changes: `2 of 5 objects healthy; Deployment web: 1 of 3 pods ready`. */
  onProgress?: (message: string) => void;
}

/** An object that is not healthy: `UNHEALTHY`, with the causes down to the container in `details`. */
export interface Unhealthy extends Failure {
  object: ObjectRef;
}

/**
 * Whether a target may take over an object of another target without `adopt`: `granted` if the other target no longer
 * renders it, or slipway.yaml no longer has that target; `active` if the other target still renders it; `unknown` if its
 * files cannot be rendered; `foreign` if it belongs to another project.
 */
export type TakeoverRight = 'granted' | 'active' | 'unknown' | 'foreign';

export interface LastRelease {
  number: number;
  /** `ClusterRun.parent` at the end of the release, in whichever process it ran. */
  parent: string | undefined;
}

export interface ClusterWork {
  target: Target;
  /** `system:serviceaccount:loans:deployer`; undefined: Slipway's own account. */
  impersonate?: string | undefined;
  createNamespaces: boolean;
  /** The operator's bound on the share (0 to 1) of a target's objects that one release may delete unconfirmed. */
  maxPruneShare?: number | undefined;
  /**
   * The target's last release, if it succeeded and none was started since. Live objects may then come from this process's
   * watches, and the parent is as that release left it. Undefined: everything is read from the API server.
   */
  last?: LastRelease | undefined;
  /** The fields that the operator masks, in addition to the target's own. */
  mask?: FieldRule[] | undefined;
  /** Equal in all attempts of a release, so that a hook runs once per release. Undefined: the hook runs each time. */
  releaseKey?: string | undefined;
  /** Called for each rendered object that another target owns. Undefined: nothing is taken over without `adopt`. */
  takeoverRight?: ((owner: TargetId, object: ObjectRef) => Promise<TakeoverRight>) | undefined;
}

/** The cluster side of one release. Opened before rendering, so that live objects are read meanwhile. */
export interface ClusterRun {
  /** Undefined at the first release of a target. */
  readonly record: ParentRecord | undefined;
  /** The parent as it was last read or written, as text for the next release; undefined: there is none. */
  readonly parent: string | undefined;
  /** The changes of this run so far. Includes every write, even if `apply` or `prune` threw. */
  readonly changes: ChangeSet;
  /**
   * Runs the hooks before the deploy and applies `objects` in waves. The change set is also complete if objects or hooks
   * failed, or if a wave did not become healthy; then no later wave was started. Throws only for what concerns no single
   * object (CLUSTER_*, LEASE_LOST, abort).
   */
  apply(objects: RenderedObject[], options: ApplyOptions): Promise<ApplyOutcome>;
  /** Runs the hooks of a later moment among `objects`. A hook that fails is a `failed` change. Throws as `apply` does. */
  runHooks(
    moment: 'post-deploy' | 'on-failure',
    objects: RenderedObject[],
    options: ApplyOptions,
  ): Promise<ChangeSet>;
  /** Waits for health. Resolves to the unhealthy objects; empty if all are healthy. Throws on abort or CLUSTER_*. */
  verify(objects: RenderedObject[], options: VerifyOptions): Promise<Unhealthy[]>;
  /**
   * Deletes members that `objects` no longer holds; only to be called after a complete, successful apply. If that is more
   * than the target's share, nothing is deleted, and every change is `held`.
   */
  prune(objects: RenderedObject[], options: PruneOptions): Promise<ChangeSet>;
  /**
   * After a prune of the whole target: deletes the parent; if members are left (held, kept, still being deleted), writes
   * the record and their inventory instead. Resolves to whether nothing is left.
   */
  forget(record: ParentRecord | undefined, checkLease: LeaseCheck): Promise<boolean>;
  /** Writes the record and reduces the inventory to what is live. `objects` undefined: the inventory stays. */
  writeRecord(
    record: ParentRecord,
    objects: RenderedObject[] | undefined,
    checkLease: LeaseCheck,
  ): Promise<void>;
}

/** A cluster that does not respond. */
export interface Away {
  /** CLUSTER_UNREACHABLE, with the reason. */
  error: SlipwayError;
  /** Resolves when the cluster responds again. */
  back: Promise<void>;
}

export interface Cluster {
  readonly name: string;
  /** Undefined: the cluster is not known to be away. While it is, every request fails at once. */
  readonly away: Away | undefined;
  version(signal?: AbortSignal): Promise<ClusterVersion>;
  /**
   * Whether a kind is namespaced; undefined if the cluster does not have the kind. Throws CLUSTER_UNREACHABLE if that is
   * unknown because the API that may have it is down.
   */
  isNamespaced(group: string, kind: string): Promise<boolean | undefined>;
  /** The error for a kind that the cluster does not have, with the kind that was probably meant. */
  unknownKind(ref: Pick<ObjectRef, 'group' | 'version' | 'kind'>): Promise<{ message: string; hint: string }>;
  open(work: ClusterWork, signal: AbortSignal): Promise<ClusterRun>;
  /** Every target that has a parent on this cluster: Slipway's record of its work after Redis was emptied. */
  targets(signal?: AbortSignal): Promise<RecordedTarget[]>;
}

export interface Clusters {
  /** Throws CONFIG_INVALID for a name that server.yaml does not have. */
  get(name: string): Cluster;
}
