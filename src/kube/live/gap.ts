import type { ObjectRef } from '../../model/object.ts';

/** A kind of the inventory whose members may be missing from the list for now. */
export interface Gap extends Omit<ObjectRef, 'name'> {
  /** `the API metrics.k8s.io/v1beta1 is down`, `gauges in namespace loans cannot be converted to v1` */
  reason: string;
}

/** Whether an object is of the kind that could not be read, in whichever namespace. */
export function isInGap({ group, kind }: Gap, ref: Pick<ObjectRef, 'group' | 'kind'>): boolean {
  return ref.group === group && ref.kind === kind;
}

/** The members that were not read, together: `Gauge loans/*`. */
export function unreadRef({ group, version, kind, namespace }: Gap): ObjectRef {
  return { group, version, kind, namespace, name: '*' };
}
