import { groupKind, type KubeObject, refOf } from './object.ts';

/** Kinds whose deletion takes data or other objects with it. */
const kinds = new Set([
  'Namespace',
  'CustomResourceDefinition.apiextensions.k8s.io',
  'PersistentVolumeClaim',
  'PersistentVolume',
]);

/** Whether deleting the object takes data or other objects with it, so that only an explicit word allows it. */
export function isDeletionProtected(object: KubeObject): boolean {
  return kinds.has(groupKind(refOf(object)));
}
