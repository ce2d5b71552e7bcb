import type { ObjectRef } from '../../model/object.ts';
import type { Resource } from '../discovery/resource.ts';
import { nearestOf } from './did-you-mean.ts';
import type { Explanation } from './explanation.ts';

export type KindRef = Pick<ObjectRef, 'group' | 'version' | 'kind'>;

/** Explains that the cluster does not serve a kind. `resources` is what it serves; empty if that is unknown. */
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
    // A group's versions are in the server's order of preference.
    const moved = [...new Map(others.toReversed().map((one) => [one.group, apiVersionOf(one)])).values()];
    if (moved.length > 0)
      return `The cluster serves it as ${moved.toReversed().join(', ')}: change apiVersion.`;
  }
  const kinds = resources.filter(({ group }) => group === ref.group).map(({ kind }) => kind);
  const near = nearestOf(ref.kind, [...new Set(kinds)]);
  if (near.length > 0) return `Did you mean kind: ${near.join(' or ')}?`;
  return 'Add the CustomResourceDefinition to this app, first deploy the app that installs it, or correct apiVersion and kind.';
}

/** Other groups may have a different kind with the name of a built-in one, for example Knative's Service. */
function isBuiltIn(group: string): boolean {
  return !group.includes('.') || group.endsWith('.k8s.io');
}

function apiVersionOf({ group, version }: Pick<ObjectRef, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`;
}
