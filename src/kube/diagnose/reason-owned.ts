import { healthOf } from '../../health/index.ts';
import { isSettled } from '../../health/verdict.ts';
import type { KubeObject } from '../../model/object.ts';
import { isOwnedBy } from './owner.ts';
import { type Reader, siblingsPath } from './reader.ts';

/** What operators make, those that say most first: a ReplicaSet or a pod is mostly another one's. */
const collections = [
  ['/apis/apps/v1', 'deployments'],
  ['/apis/apps/v1', 'statefulsets'],
  ['/apis/apps/v1', 'daemonsets'],
  ['/apis/batch/v1', 'jobs'],
  ['/apis/apps/v1', 'replicasets'],
  ['/api/v1', 'pods'],
] as const;

/** A namespace with more has its reason one step less deep. */
const mostObjects = 500;

/** The workload or pod that a custom resource's controller has made for it and that is not healthy. */
export async function sickBelow(reader: Reader, owner: KubeObject): Promise<KubeObject | undefined> {
  if (owner.metadata.namespace === undefined) return undefined;
  const lists = await Promise.all(
    collections.map(([root, resource]) =>
      reader.list(siblingsPath(owner, root, resource), { limit: mostObjects }),
    ),
  );
  return lists.flat().find((one) => isOwnedBy(one, owner) && !isSettled(healthOf(one)));
}
