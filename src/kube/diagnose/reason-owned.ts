import { healthOf } from '../../health/index.ts';
import { isSettled } from '../../health/verdict.ts';
import type { KubeObject } from '../../model/object.ts';
import { isOwnedBy } from './owner.ts';
import { type Reader, siblingsPath } from './reader.ts';

/** Kinds that operators create, the most informative first: a ReplicaSet or a pod mostly belongs to another workload. */
const collections = [
  ['/apis/apps/v1', 'deployments'],
  ['/apis/apps/v1', 'statefulsets'],
  ['/apis/apps/v1', 'daemonsets'],
  ['/apis/batch/v1', 'jobs'],
  ['/apis/apps/v1', 'replicasets'],
  ['/api/v1', 'pods'],
] as const;

/** Objects read of each kind. In a larger namespace the diagnosis may be less detailed. */
const maxObjects = 500;

/** An unhealthy workload or pod that the controller of a custom resource created for it; undefined if there is none. */
export async function unhealthyOwned(reader: Reader, owner: KubeObject): Promise<KubeObject | undefined> {
  if (owner.metadata.namespace === undefined) return undefined;
  const lists = await Promise.all(
    collections.map(([root, resource]) =>
      reader.list(siblingsPath(owner, root, resource), { limit: maxObjects }),
    ),
  );
  return lists.flat().find((one) => isOwnedBy(one, owner) && !isSettled(healthOf(one)));
}
