import type { KubeObject, ObjectRef } from '../../model/object.ts';
import { collectionPath, type Resource } from '../discovery/resource.ts';

/** An object that was applied, with what the wait for its health and the prune need of it. */
export interface Applied {
  ref: ObjectRef;
  /** Path of its collection in the version it was applied in. */
  path: string;
  /** The whole object as the API server returned it; an unchanged one as it was read. */
  live: KubeObject;
  /** This apply created it. */
  created: boolean;
  /** This apply changed what it asks for: its generation. */
  changed?: boolean | undefined;
  /** Whether its kind has a status that a controller writes. */
  hasStatus?: boolean | undefined;
}

/** `before` is the object as it was found; undefined if it did not exist, or could not be read. */
export function appliedObject(
  ref: ObjectRef,
  resource: Resource,
  { live, created = false, before }: { live: KubeObject; created?: boolean; before?: KubeObject | undefined },
): Applied {
  const path = collectionPath(resource, ref.namespace);
  const changed = before !== undefined && before.metadata.generation !== live.metadata.generation;
  return { ref, path, live, created, changed, hasStatus: resource.hasStatus };
}
