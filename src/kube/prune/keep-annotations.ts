import { annotationOf } from '../../model/annotation.ts';
import { objectOf, textOf } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { keepOption } from '../../model/sync-options.ts';

export const pruneAnnotation = 'slipway.dev/prune';

interface KeepWord {
  key: string;
  value: string;
  /** As the tool itself compares; else letter by letter. */
  loosely?: true;
  /** The tool reads it from a label too. */
  labelToo?: true;
}

/**
 * How each tool is told not to delete an object:
 * - Helm, pkg/action/resource_policy.go: any case, with white space around it.
 * - Flux, `ssa.DeleteOptions.Exclusions` of kustomize-controller: annotation or label, any case.
 * - kapp, carvel.dev/kapp/docs/latest/apply: `delete-strategy`.
 * - cli-utils (kpt, Config Sync), pkg/common/common.go.
 */
const keepWords: readonly KeepWord[] = [
  { key: 'helm.sh/resource-policy', value: 'keep', loosely: true },
  { key: 'kustomize.toolkit.fluxcd.io/prune', value: 'disabled', loosely: true, labelToo: true },
  { key: 'kustomize.toolkit.fluxcd.io/reconcile', value: 'disabled', loosely: true, labelToo: true },
  { key: 'kapp.k14s.io/delete-strategy', value: 'orphan' },
  { key: 'cli-utils.sigs.k8s.io/on-remove', value: 'keep' },
  { key: 'client.lifecycle.config.k8s.io/deletion', value: 'detach' },
];

/** What on an object says that it is to be kept, as `key: value`; `whole`: its whole app goes. */
export function keepWordOn(object: KubeObject, whole: boolean): string | undefined {
  // Files with another word are refused; what a person wrote on the object was hardly meant to delete it.
  const own = annotationOf(object, pruneAnnotation);
  if (own !== undefined && own !== 'allowed') return `${pruneAnnotation}: ${own}`;
  const argo = keepOption(object, whole);
  if (argo) return `argocd.argoproj.io/sync-options: ${argo}`;
  const found = keepWords.find((word) => isOn(object, word));
  return found && `${found.key}: ${found.value}`;
}

function isOn({ metadata }: KubeObject, { key, value, loosely, labelToo }: KeepWord): boolean {
  const places = labelToo ? [metadata.annotations, metadata.labels] : [metadata.annotations];
  return places.some((place) => {
    const text = textOf(objectOf(place)[key]);
    return (loosely ? text.trim().toLowerCase() : text) === value;
  });
}
