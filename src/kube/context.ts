import { randomUUID } from 'node:crypto';
import { createHealthEvaluator, type EvaluateHealth } from '../health/index.ts';
import { createFieldMatcher, type FieldMatcher } from '../model/field-rule.ts';
import { createMasks, type Masks } from '../model/masks.ts';
import { defaultPrune, type Target } from '../model/target.ts';
import type { ClusterWork } from '../ports/cluster.ts';
import type { KubeClient } from './client/client.ts';
import type { Discovery } from './discovery/discovery.ts';
import { createHookRuns, type HookRuns } from './inventory/hook-runs.ts';
import { createOwningSets, type OwningSets } from './inventory/owning-sets.ts';
import type { ApplySetParent } from './inventory/parent.ts';
import type { InventoryCache } from './live/inventory-cache.ts';
import type { Live } from './live/live.ts';
import { createNamespaceCreator, type NamespaceCreator } from './objects/namespaces.ts';
import type { WatchHub } from './watch/watch-hub.ts';

/** What every stage of one release on one cluster knows. Nothing in it changes while the release runs. */
export interface ReleaseContext {
  readonly client: KubeClient;
  readonly discovery: Discovery;
  readonly hub: WatchHub;
  readonly cache: InventoryCache;
  readonly target: Target;
  /** Id of the target's ApplySet: the value of its members' label. */
  readonly setId: string;
  /** The same in every attempt of one release: hooks run once for it. */
  readonly releaseKey: string;
  /** No release of the target is in force yet, and none has taken objects over. */
  readonly isFirstRelease: boolean;
  /** The account that objects are written as; undefined: Slipway's own. */
  readonly account: string | undefined;
  /** The share (0 to 1) of the members that a prune may delete unconfirmed. */
  readonly maxPruneShare: number;
  /** The fields that the repository leaves to others. */
  readonly ignores: FieldMatcher;
  /** Fields whose values are hidden: those of Secrets, and what the repository and the operator name. */
  readonly masks: Masks;
  /** Health by the repository's own rules and the built-in ones. */
  readonly evaluateHealth: EvaluateHealth;
  /** The members of the set. Their listing begins when the release is opened, so that it overlaps with rendering. */
  readonly live: Promise<Live>;
  readonly namespaces: NamespaceCreator;
  readonly hookRuns: HookRuns;
  /** The other ApplySets whose objects the release meets, with the right to take them over. */
  readonly owningSets: OwningSets;
}

export interface OpenedRelease {
  client: KubeClient;
  discovery: Discovery;
  hub: WatchHub;
  cache: InventoryCache;
  work: ClusterWork;
  parent: ApplySetParent;
  live: Promise<Live>;
}

export function createContext({ work, parent, ...shared }: OpenedRelease): ReleaseContext {
  const { target } = work;
  const masks = createMasks([...(target.mask ?? []), ...(work.mask ?? [])]);
  const takeoverRightOf = work.takeoverRight ?? (async () => 'active' as const);
  return {
    ...shared,
    target,
    setId: parent.id,
    releaseKey: work.releaseKey ?? randomUUID(),
    isFirstRelease: parent.record?.inForce === undefined && !parent.takenOver,
    account: work.impersonate,
    maxPruneShare: Math.min((target.prune ?? defaultPrune).maxShare, work.maxPruneShare ?? 1),
    ignores: createFieldMatcher(target.ignore),
    masks,
    evaluateHealth: createHealthEvaluator(target.health, masks),
    hookRuns: createHookRuns(shared.client, parent),
    namespaces: createNamespaceCreator(shared.client, work.createNamespaces),
    owningSets: createOwningSets(shared.client, parent.key.namespace, takeoverRightOf),
  };
}
