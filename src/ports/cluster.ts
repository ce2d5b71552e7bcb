import type { ChangeSet } from '../model/change-set.ts';
import type { Failure } from '../model/failure.ts';
import type { FieldRule } from '../model/field-rule.ts';
import type { ObjectRef, RenderedObject } from '../model/object.ts';
import type { EndState } from '../model/release.ts';
import type { Target, TargetId } from '../model/target.ts';
import type { ClusterVersion } from './renderer.ts';

/** One line of a target's history as its parent on the cluster keeps it. */
export interface RecordLine {
  number: number;
  commit: string;
  contentKey: string;
  /** Of the policy that allowed the content; undefined: not known. */
  policyKey?: string | undefined;
  state: EndState;
  /** Seconds since the epoch would be ambiguous across tools: RFC 3339. */
  at: string;
  by?: string | undefined;
}

/** What the parent of a target's ApplySet keeps: the release in force and the last ten, newest first. */
export interface ParentRecord {
  target: TargetId;
  /** The last release that succeeded. */
  inForce?: RecordLine | undefined;
  history: RecordLine[];
}

/** Called between writes; throws LEASE_LOST or SUPERSEDED when this run may not go on. */
export type LeaseCheck = () => Promise<void>;

export interface ApplyOptions {
  signal: AbortSignal;
  checkLease: LeaseCheck;
  dryRun?: boolean;
  /** How an apply waits for its waves and hooks; undefined: in place, until `signal` aborts. */
  waits?: Waits;
}

export interface Waits {
  /** Ends a wait, when what is waited for is no longer wanted. */
  signal: AbortSignal;
  /** Makes the wait outside of what the release holds, so that it holds up no other. */
  aside<T>(wait: () => Promise<T>): Promise<T>;
}

export interface Brought extends ChangeSet {
  /** What the apply waited for in vain, so that it could not go on; else empty. */
  unhealthy: Unhealthy[];
}

export interface PruneOptions extends ApplyOptions {
  /** A person has said that what the guard holds is to go. */
  confirmed?: boolean;
  /** The whole target goes: its app or environment is no longer in slipway.yaml. Always asks for a person's word. */
  whole?: boolean;
}

export interface VerifyOptions {
  signal: AbortSignal;
  timeoutMs: number;
  failFastMs: number;
  /** Called when the summary changes: `2 of 5 objects healthy; Deployment web: 1 of 3 pods ready`. */
  onProgress?: (message: string) => void;
}

/** An object that is not healthy: `UNHEALTHY`, with the causes down to the container in `details`. */
export interface Unhealthy extends Failure {
  object: ObjectRef;
}

/**
 * Whether a target may take over what another one has deployed, without being told to: `granted` where slipway.yaml
 * no longer has that one; `standing` where it still does; `foreign` where it is another project's.
 */
export type TakeoverRight = 'granted' | 'standing' | 'foreign';

export interface LastRelease {
  number: number;
  /** `ClusterRun.parent` at its end, whichever process it ran in. */
  parent: string | undefined;
}

export interface ClusterWork {
  target: Target;
  /** `system:serviceaccount:loans:deployer`; undefined: Slipway's own account. */
  impersonate?: string | undefined;
  createNamespaces: boolean;
  /** The operator's bound on the share (0 to 1) of a target that one release may delete unasked. */
  maxPruneShare?: number | undefined;
  /**
   * The target's last release, where it ended well and nothing was tried since: what is live may then be taken from
   * what this process has watched, and the parent as that release left it. Undefined: everything is asked for.
   */
  last?: LastRelease | undefined;
  /** What the operator has masked, beside what the target itself does. */
  mask?: FieldRule[] | undefined;
  /** The same in every attempt of one release, so that a hook runs once in it; undefined: a run of its own. */
  releaseKey?: string | undefined;
  /** Asked once a run for each target whose objects it meets. Undefined: nothing is taken over unless it adopts. */
  takeoverRight?: ((owner: TargetId) => Promise<TakeoverRight>) | undefined;
}

/** The cluster side of one release. Opened before rendering, so that what is live is read meanwhile. */
export interface ClusterRun {
  /** Undefined at the first release of a target. */
  readonly record: ParentRecord | undefined;
  /** The parent as it was last read or written, as text for the next release; undefined: there is none. */
  readonly parent: string | undefined;
  /** What this run has done so far; complete for what was written also after `apply` or `prune` threw. */
  readonly changes: ChangeSet;
  /**
   * Runs the hooks before the deploy and brings the cluster to `objects` in waves. The change set is also complete
   * when objects or hooks failed, or when a wave did not become healthy; then no later wave was started. Throws only
   * for what concerns no single object (CLUSTER_*, LEASE_LOST, abort).
   */
  apply(objects: RenderedObject[], options: ApplyOptions): Promise<Brought>;
  /** Runs the hooks of a later moment among `objects`. A hook that fails is a `failed` change. Throws as `apply` does. */
  runHooks(
    moment: 'post-deploy' | 'on-failure',
    objects: RenderedObject[],
    options: ApplyOptions,
  ): Promise<ChangeSet>;
  /** Resolves to the unhealthy ones, empty when all are healthy. Throws on abort or CLUSTER_*. */
  verify(objects: RenderedObject[], options: VerifyOptions): Promise<Unhealthy[]>;
  /**
   * Removes members that `objects` no longer holds; only to be called after a complete, successful apply. Where that
   * is more than the target's share nothing is deleted, and every change says `held`.
   */
  prune(objects: RenderedObject[], options: PruneOptions): Promise<ChangeSet>;
  /**
   * After a prune of the whole target: deletes the parent, or where members are left (held, kept, still on their
   * way) writes the record and the inventory of these. Resolves to whether nothing is left.
   */
  forget(record: ParentRecord | undefined, checkLease: LeaseCheck): Promise<boolean>;
  /** Writes the record and shrinks the inventory to what is live. `objects` undefined: the inventory stays. */
  writeRecord(
    record: ParentRecord,
    objects: RenderedObject[] | undefined,
    checkLease: LeaseCheck,
  ): Promise<void>;
}

export interface Cluster {
  readonly name: string;
  version(signal?: AbortSignal): Promise<ClusterVersion>;
  /**
   * Whether a kind lives in namespaces; undefined where the cluster does not know the kind. Throws CLUSTER_UNREACHABLE
   * where that cannot be said, because the API that may have it is down.
   */
  isNamespaced(group: string, kind: string): Promise<boolean | undefined>;
  /** The error for a kind that the cluster does not know, with what was probably meant. */
  unknownKind(ref: Pick<ObjectRef, 'group' | 'version' | 'kind'>): Promise<{ message: string; hint: string }>;
  open(work: ClusterWork, signal: AbortSignal): Promise<ClusterRun>;
  /** Every target that has a parent on this cluster: how Slipway finds its work again after Redis was emptied. */
  targets(signal?: AbortSignal): Promise<ParentRecord[]>;
}

export interface Clusters {
  /** Throws CONFIG_INVALID for a name that server.yaml does not have. */
  get(name: string): Cluster;
}
