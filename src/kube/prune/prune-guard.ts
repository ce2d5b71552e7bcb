import { isDeletionProtected } from '../../model/deletion-protected.ts';
import { isObject, listOf, objectOf, textOf } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import { groupKind, type KubeObject, refOf } from '../../model/object.ts';
import { isMember } from '../live/live.ts';
import { ownEntry } from '../managed-fields.ts';
import { keepAnnotationOn, pruneAnnotation } from './keep-annotations.ts';

/**
 * Why this live object is not deleted although no file holds it any more, or (`whole`) its whole target goes;
 * undefined: it may be. Everything is read from the object itself, since a label alone proves nothing: controllers
 * copy labels, and anybody can set one.
 */
export function whyKept(object: KubeObject, setId: string, whole: boolean): Notice | undefined {
  const annotations = objectOf(object.metadata.annotations);
  if (!isMember(object, setId)) return { kind: 'kept', summary: 'it no longer has the label of this app' };
  if (!ownEntry(object)) {
    return { kind: 'kept', summary: 'it has the label of this app, but Slipway did not apply it' };
  }
  const owner = listOf(object.metadata.ownerReferences).find(isObject);
  if (owner) return { kind: 'kept', summary: `it belongs to ${textOf(owner.kind)} ${textOf(owner.name)}` };
  const keep = keepAnnotationOn(object, whole);
  if (keep) return { kind: 'kept', summary: `it has ${keep}` };
  if (isDeletionProtected(object) && annotations[pruneAnnotation] !== 'allowed') {
    return {
      kind: 'kept',
      summary: `a ${object.kind} is only deleted if its annotation allows it`,
      hint: `Set the annotation ${pruneAnnotation}: allowed on it, or delete it by hand.`,
    };
  }
  return undefined;
}

/**
 * Whether a controller copied the set's label to the object (a Service's onto its EndpointSlices): it never was the
 * target's, and is deleted with its owner. The controller of Endpoints sets no owner.
 */
export function isCopy(object: KubeObject): boolean {
  if (ownEntry(object)) return false;
  return listOf(object.metadata.ownerReferences).some(isObject) || groupKind(refOf(object)) === 'Endpoints';
}
