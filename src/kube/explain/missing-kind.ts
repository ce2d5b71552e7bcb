import type { ObjectRef } from '../../model/object.ts';
import type { Resource } from '../discovery/resource.ts';
import { nearestOf } from './did-you-mean.ts';
import type { Explanation } from './explanation.ts';

export type KindRef = Pick<ObjectRef, 'group' | 'version' | 'kind'>;

/** A kind that the cluster does not serve; `resources` is what it does, where that is known. */
export function missingKindOf(
  ref: KindRef,
  cluster: string,
  resources: readonly Resource[] = [],
): Explanation {
  const what = `cluster ${cluster} has no kind ${ref.kind} in ${apiVersionOf(ref)}`;
  return { code: 'OBJECT_INVALID', what, hint: nextStep(ref, resources) };
}

function nextStep(ref: KindRef, resources: readonly Resource[]): string {
  const others = resources.filter(({ kind }) => kind === ref.kind);
  const served = others.filter(({ group }) => group === ref.group).map(apiVersionOf);
  if (served.length > 0) return `The cluster serves it as ${served.join(', ')}: change apiVersion.`;
  if (isBuiltIn(ref.group)) {
    // A group's versions stand in the order that the server prefers.
    const moved = [...new Map(others.toReversed().map((one) => [one.group, apiVersionOf(one)])).values()];
    if (moved.length > 0)
      return `The cluster serves it as ${moved.toReversed().join(', ')}: change apiVersion.`;
  }
  const kinds = resources.filter(({ group }) => group === ref.group).map(({ kind }) => kind);
  const near = nearestOf(ref.kind, [...new Set(kinds)]);
  if (near.length > 0) return `Did you mean kind: ${near.join(' or ')}?`;
  return 'Add the CustomResourceDefinition to this app, deploy the app that brings it first, or correct apiVersion and kind.';
}

/** Kinds of others may have the name of a built-in one (a Service of Knative), and mean something else. */
function isBuiltIn(group: string): boolean {
  return !group.includes('.') || group.endsWith('.k8s.io');
}

function apiVersionOf({ group, version }: Pick<ObjectRef, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`;
}
