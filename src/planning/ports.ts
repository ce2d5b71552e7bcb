import type { ObjectChange } from '../model/change-set.ts';
import type { RenderedObject } from '../model/object.ts';
import type { Target, TargetId } from '../model/target.ts';
import type { Tree } from '../model/tree.ts';
import type { Admission } from '../ports/admission.ts';
import type { Cluster, Clusters, ClusterWork } from '../ports/cluster.ts';
import type { Mirrors } from '../ports/git.ts';
import type { Permit } from '../ports/limiter.ts';
import type { PlanRequests, PlanRuns } from '../ports/planning.ts';
import type { Policy } from '../ports/policy.ts';
import type { Renderer } from '../ports/renderer.ts';
import type { Logger } from '../telemetry/logger.ts';

/** Finds what a request names; the intake's own way of reading slipway.yaml. */
export interface TargetLookup {
  /** The identity of a target that exists. Throws NOT_FOUND, AMBIGUOUS. */
  resolve(name: string): Promise<TargetId>;
  /** The identity of an app that was never deployed; undefined: no repository has its environment. Throws AMBIGUOUS. */
  resolveNew(name: string): Promise<TargetId | undefined>;
  /** The commit that the target should run now; undefined: none yet. */
  desiredCommit(id: TargetId): Promise<string | undefined>;
  /** The target as slipway.yaml describes it there. Throws NOT_FOUND, PATH_MISSING, CONFIG_INVALID, GIT_*. */
  at(id: TargetId, ref: string, signal: AbortSignal): Promise<{ target: Target; commit: string }>;
}

/** Steps that a plan shares with a release, so that both find the same. */
export interface ReleaseSteps {
  renderObjects(
    target: Target,
    tree: Tree,
    cluster: Cluster,
    signal: AbortSignal,
  ): Promise<{
    objects: RenderedObject[];
    /** What the policy refuses; may be among `objects`. */
    refused: ObjectChange[];
    skipped: ObjectChange[];
    warnings: string[];
  }>;
  /** What the target may take over at this commit of its repository. Gives the permit back while it fetches. */
  takeoverRight(
    target: Target,
    commit: string,
    permit: Permit,
    signal: AbortSignal,
  ): ClusterWork['takeoverRight'];
}

/** Everything a plan works with; built in one place per process. */
export interface PlanningPorts {
  targets: TargetLookup;
  steps: ReleaseSteps;
  mirrors: Mirrors;
  renderer: Pick<Renderer, 'contentKey'>;
  admission: Pick<Admission, 'admit'>;
  policy: Pick<Policy, 'keyOf'>;
  clusters: Clusters;
  requests: PlanRequests;
  runs: PlanRuns;
  /**
   * Waits until a plan may render and ask the target's cluster; projects take turns.
   */
  permit(target: Pick<Target, 'cluster' | 'repository'>, signal: AbortSignal): Promise<Permit>;
  log: Logger;
}
