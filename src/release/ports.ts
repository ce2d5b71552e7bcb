import type { ChangeSet } from '../model/change-set.ts';
import type { ObjectRef, RenderedObject } from '../model/object.ts';
import type { Cause, Desired, EndState, Release, StageTimes } from '../model/release.ts';
import type { Target, TargetId } from '../model/target.ts';

/** What the renderer must know of the cluster it renders for (Helm's `.Capabilities`). */
export interface ClusterVersion {
  /** `v1.37.2` */
  version: string;
  /** `v1`, `apps/v1`, `apps/v1/Deployment`, …: sorted, for `helm template --api-versions`. */
  apiVersions: string[];
}

export interface SkippedObject {
  ref: ObjectRef;
  source?: string | undefined;
  reason: string;
}

export interface Rendered {
  objects: RenderedObject[];
  skipped: SkippedObject[];
  cached: boolean;
}

export interface Renderer {
  /** Throws RENDER_*, PATH_MISSING, OBJECT_INVALID with the author's file and line, GIT_* when the commit cannot be had. */
  render(target: Target, commit: string, cluster: ClusterVersion, signal: AbortSignal): Promise<Rendered>;
}

/** One line of a target's history as its parent on the cluster keeps it. */
export interface RecordLine {
  number: number;
  commit: string;
  contentKey: string;
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

/** Called between writes; throws TURN_LOST or SUPERSEDED when this run may not go on. */
export type Fence = () => Promise<void>;

export interface ApplyOptions {
  signal: AbortSignal;
  fence: Fence;
  dryRun?: boolean;
}

export interface VerifyOptions {
  signal: AbortSignal;
  timeoutMs: number;
  failFastMs: number;
  /** Called when the summary changes: `2 of 5 objects healthy; Deployment web: 1 of 3 pods ready`. */
  onProgress?: (message: string) => void;
}

export interface Unhealthy {
  ref: ObjectRef;
  /** Followed down to the container: `0 of 3 pods ready; pod web-…: ImagePullBackOff: image "web:v9" not found`. */
  message: string;
}

export interface ClusterWork {
  target: Target;
  /** `system:serviceaccount:loans:deployer`; undefined: Slipway's own account. */
  impersonate?: string | undefined;
  createNamespaces: boolean;
}

/** The cluster side of one release. Opened before rendering, so that what is live is read meanwhile. */
export interface ClusterRun {
  /** Undefined at the first release of a target. */
  readonly record: ParentRecord | undefined;
  /**
   * Brings the cluster to `objects` in waves. The change set is also complete when objects failed; then no
   * later wave was started. Throws only for what concerns no single object (CLUSTER_*, TURN_LOST, abort).
   */
  apply(objects: RenderedObject[], options: ApplyOptions): Promise<ChangeSet>;
  /** Resolves to the unhealthy ones, empty when all are healthy. Throws on abort or CLUSTER_*. */
  verify(objects: RenderedObject[], options: VerifyOptions): Promise<Unhealthy[]>;
  /** Removes members that `objects` no longer holds; only to be called after a complete, successful apply. */
  prune(objects: RenderedObject[], options: ApplyOptions): Promise<ChangeSet>;
  /** Writes the record and shrinks the inventory to what is live. `objects` undefined: the inventory stays. */
  writeRecord(record: ParentRecord, objects: RenderedObject[] | undefined, fence: Fence): Promise<void>;
}

export interface Cluster {
  readonly name: string;
  version(signal?: AbortSignal): Promise<ClusterVersion>;
  /** Whether a kind lives in namespaces; undefined where the cluster does not know the kind. */
  isNamespaced(group: string, kind: string): Promise<boolean | undefined>;
  open(work: ClusterWork, signal: AbortSignal): Promise<ClusterRun>;
  /** Every target that has a parent on this cluster: how Slipway finds its work again after Redis was emptied. */
  targets(signal?: AbortSignal): Promise<ParentRecord[]>;
}

export interface Clusters {
  /** Throws CONFIG_INVALID for a name that server.yaml does not have. */
  get(name: string): Cluster;
}

/** The operator's rules for one target: what check/guards computes from server.yaml. Throws RULE_REFUSED. */
export interface Guards {
  /** The account to use and whether namespaces may be made; throws where no project allows the target. */
  admit(target: Target): { impersonate?: string | undefined; createNamespaces: boolean };
  /** Every object against namespaces and cluster-scoped kinds, before anything is applied; sets the default namespace. */
  check(target: Target, objects: RenderedObject[], cluster: Cluster): Promise<RenderedObject[]>;
}

export interface TargetStatus {
  target: Target;
  desired?: Desired | undefined;
  /** The last release, whatever its state. */
  last?: Release | undefined;
}

export interface ReleaseStore {
  target(id: TargetId): Promise<Target | undefined>;
  desired(id: TargetId): Promise<Desired | undefined>;
  last(id: TargetId): Promise<Release | undefined>;
  /** Starts a release with the next number; never below `atLeast` (the parent's count survives an emptied Redis). */
  start(desired: Desired, atLeast: number): Promise<Release>;
  /** Records a step; also wakes the status on the commit. */
  move(release: Release, change: ReleaseStep): Promise<Release>;
  end(release: Release, end: ReleaseEnd): Promise<Release>;
}

export interface ReleaseStep {
  state: Release['state'];
  times?: StageTimes;
  attempts?: number;
  reason?: string;
}

export interface ReleaseEnd {
  state: EndState;
  reason?: string | undefined;
  hint?: string | undefined;
  supersededBy?: string | undefined;
  times: StageTimes;
  changeSet: ChangeSet;
}

/** This run's right to write, by run id: equal or lost. */
export interface Turn {
  fence: Fence;
  /** Aborts when the lock is lost, a newer desired comes or the process is asked to stop; `reason` is a SlipwayError. */
  signal: AbortSignal;
  end(): Promise<void>;
}

export type { Cause };
