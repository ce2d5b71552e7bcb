import { randomUUID } from 'node:crypto';
import { createHealthEvaluator, type EvaluateHealth } from '../health/index.ts';
import type { ObjectChange } from '../model/change-set.ts';
import { createFieldMatcher, type FieldMatcher } from '../model/field-rule.ts';
import { createMasks, type Masks } from '../model/masks.ts';
import { type KubeObject, type RenderedObject, refKey } from '../model/object.ts';
import type { Target, TargetId } from '../model/target.ts';
import type { ClusterWork, TakeoverRight, Unhealthy } from '../ports/cluster.ts';
import { createNamespaceMaker, type NamespaceMaker } from './apply/target-namespace.ts';
import type { KubeClient } from './client/client.ts';
import type { Discovery } from './discovery/discovery.ts';
import { collectionPath, type Resource } from './discovery/resource.ts';
import type { ApplySetParent } from './inventory/parent.ts';
import type { InventoryCache } from './live/inventory-cache.ts';
import type { Live } from './live/live.ts';
import type { OwningSet } from './ownership/owning-set.ts';
import type { PlannedObject } from './plan/plan.ts';
import { defaultPrune } from './prune/prune-hold.ts';
import type { Applied } from './verify/verify-board.ts';
import type { WatchHub } from './watch/watch-hub.ts';

/** The cluster side of one release, from its opening to its record. */
export interface Session {
  readonly client: KubeClient;
  readonly target: Target;
  readonly discovery: Discovery;
  readonly hub: WatchHub;
  /** The same in every attempt of one release: hooks run once for it. */
  readonly releaseKey: string;
  /** The account that objects are written as; undefined: Slipway's own. */
  readonly account: string | undefined;
  readonly createNamespaces: boolean;
  /** The share (0 to 1) of the members that a prune may delete unasked. */
  readonly maxPruneShare: number;
  /** The fields that the repository leaves to others. */
  readonly ignores: FieldMatcher;
  /** What nobody may see: Secrets, and what the repository and the operator name. */
  readonly masks: Masks;
  /** Health by the repository's own rules and ours. */
  readonly evaluateHealth: EvaluateHealth;
  /** As last read or written. */
  parent: ApplySetParent;
  /** Begun at the opening, so that it overlaps with rendering. */
  live: Promise<Live>;
  readonly members: InventoryCache;
  readonly namespaces: NamespaceMaker;
  /** Whether what another target has deployed may be taken over. */
  readonly takeoverRight: (owner: TargetId) => Promise<TakeoverRight>;
  /** The sets whose objects were met, by id. */
  readonly owners: Map<string, Promise<OwningSet>>;
  /** What the last apply was to bring, without its hooks. */
  wanted: RenderedObject[];
  /** Objects as the API server last answered them, by `refKey`. */
  readonly applied: Map<string, Applied>;
  /** What was done so far, also when a later step throws. */
  changes: ObjectChange[];
  /** Whether the last apply brought every object to the cluster: without it nothing is pruned. */
  complete: boolean;
  /** What the last apply waited for in vain before it could go on. */
  unhealthy: Unhealthy[];
  /** Members that were deleted and are still there: they stay in the inventory. */
  survivors: KubeObject[];
}

export interface SessionParts {
  client: KubeClient;
  discovery: Discovery;
  hub: WatchHub;
  work: ClusterWork;
  parent: ApplySetParent;
  live: Promise<Live>;
  members: InventoryCache;
}

export function createSession({ work, ...parts }: SessionParts): Session {
  const masks = createMasks([...(work.target.mask ?? []), ...(work.mask ?? [])]);
  return {
    ...parts,
    target: work.target,
    releaseKey: work.releaseKey ?? randomUUID(),
    account: work.impersonate,
    createNamespaces: work.createNamespaces,
    maxPruneShare: Math.min((work.target.prune ?? defaultPrune).maxShare, work.maxPruneShare ?? 1),
    ignores: createFieldMatcher(work.target.ignore),
    masks,
    evaluateHealth: createHealthEvaluator(work.target.health, masks),
    namespaces: createNamespaceMaker(parts.client, work.createNamespaces),
    takeoverRight: work.takeoverRight ?? (async () => 'standing'),
    owners: new Map(),
    wanted: [],
    applied: new Map(),
    changes: [],
    complete: false,
    unhealthy: [],
    survivors: [],
  };
}

/** Remembers how an object now is, and was before this apply, for the wait for its health and for the prune. */
export function note(
  session: Session,
  planned: PlannedObject,
  resource: Resource,
  live: KubeObject,
  created: boolean,
  before?: KubeObject,
): void {
  const path = collectionPath(resource, planned.ref.namespace);
  const changed = before !== undefined && before.metadata.generation !== live.metadata.generation;
  session.applied.set(refKey(planned.ref), { ref: planned.ref, path, live, created, changed });
}
