import { isObject, listOf, objectOf, textOf } from '../../model/json.ts';
import { groupKind, type KubeObject, refOf } from '../../model/object.ts';
import { isMember } from '../live/live.ts';
import { ownEntry } from '../managed-fields.ts';
import { keepWordOn, pruneAnnotation } from './keep-annotations.ts';

/** Kinds whose deletion takes data or other objects with it: only with an explicit word on the object. */
const deletionProtected = new Set([
  'Namespace',
  'CustomResourceDefinition.apiextensions.k8s.io',
  'PersistentVolumeClaim',
  'PersistentVolume',
]);

export interface Keep {
  reason: string;
  hint?: string | undefined;
}

/**
 * Why this live object is not deleted although no file holds it any more, or (`whole`) its whole target goes;
 * undefined: it may be. Everything is read from the object itself, since a label alone proves nothing: controllers
 * copy labels, and anybody can set one.
 */
export function whyKept(object: KubeObject, setId: string, whole: boolean): Keep | undefined {
  const annotations = objectOf(object.metadata.annotations);
  if (!isMember(object, setId)) return { reason: 'kept: it no longer carries the label of this app' };
  if (!ownEntry(object)) {
    return { reason: 'kept: it carries the label of this app, but Slipway did not apply it' };
  }
  const owner = listOf(object.metadata.ownerReferences).find(isObject);
  if (owner) return { reason: `kept: it belongs to ${textOf(owner.kind)} ${textOf(owner.name)}` };
  const keep = keepWordOn(object, whole);
  if (keep) return { reason: `kept: its ${keep} says so` };
  if (deletionProtected.has(groupKind(refOf(object))) && annotations[pruneAnnotation] !== 'allowed') {
    return {
      reason: `kept: a ${object.kind} is only deleted with an explicit word`,
      hint: `Set the annotation ${pruneAnnotation}: allowed on it, or delete it by hand.`,
    };
  }
  return undefined;
}

/**
 * Whether it has the set's label only because its maker copies labels (a Service's onto its EndpointSlices): it never
 * was the target's, and goes with what it was made for. The controller of Endpoints names no owner.
 */
export function isCopy(object: KubeObject): boolean {
  if (ownEntry(object)) return false;
  return listOf(object.metadata.ownerReferences).some(isObject) || groupKind(refOf(object)) === 'Endpoints';
}

/** Whether deleting it takes data or other objects with it. */
export function isDeletionProtected(object: KubeObject): boolean {
  return deletionProtected.has(groupKind(refOf(object)));
}

/** Whether its deletion was asked for already. */
export function isLeaving(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}

/** What still holds up an object that is being deleted. */
export function whyStillThere(object: KubeObject): string {
  const finalizers = listOf(object.metadata.finalizers).map(textOf);
  return finalizers.length > 0
    ? `it is being deleted, held up by ${finalizers.join(', ')}`
    : 'it is being deleted';
}
