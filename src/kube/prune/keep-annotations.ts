import { annotationOf } from '../../model/annotation.ts';
import { objectOf, textOf } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { keepOption } from '../../model/sync-options.ts';

export const pruneAnnotation = 'slipway.dev/prune';

/** An annotation that keeps an object. */
interface KeepAnnotation {
  key: string;
  value: string;
  /** The tool ignores case and surrounding white space. */
  ignoresCase?: true;
  /** A label with this key counts too. */
  alsoLabel?: true;
}

/**
 * The annotations that keep an object, by the tool that defines them:
 * - Helm, pkg/action/resource_policy.go: any case, with white space around it.
 * - Flux, `ssa.DeleteOptions.Exclusions` of kustomize-controller: annotation or label, any case.
 * - kapp, carvel.dev/kapp/docs/latest/apply: `delete-strategy`.
 * - cli-utils (kpt, Config Sync), pkg/common/common.go.
 */
const keepAnnotations: readonly KeepAnnotation[] = [
  { key: 'helm.sh/resource-policy', value: 'keep', ignoresCase: true },
  { key: 'kustomize.toolkit.fluxcd.io/prune', value: 'disabled', ignoresCase: true, alsoLabel: true },
  { key: 'kustomize.toolkit.fluxcd.io/reconcile', value: 'disabled', ignoresCase: true, alsoLabel: true },
  { key: 'kapp.k14s.io/delete-strategy', value: 'orphan' },
  { key: 'cli-utils.sigs.k8s.io/on-remove', value: 'keep' },
  { key: 'client.lifecycle.config.k8s.io/deletion', value: 'detach' },
];

/** The annotation that keeps an object, as `key: value`; `whole`: its whole app is removed. */
export function keepAnnotationOn(object: KubeObject, whole: boolean): string | undefined {
  // A file with another value is refused; what a person wrote on the object was hardly meant to delete it.
  const own = annotationOf(object, pruneAnnotation);
  if (own !== undefined && own !== 'allowed') return `${pruneAnnotation}: ${own}`;
  const argo = keepOption(object, whole);
  if (argo) return `argocd.argoproj.io/sync-options: ${argo}`;
  const found = keepAnnotations.find((one) => isOn(object, one));
  return found && `${found.key}: ${found.value}`;
}

function isOn({ metadata }: KubeObject, { key, value, ignoresCase, alsoLabel }: KeepAnnotation): boolean {
  const maps = alsoLabel ? [metadata.annotations, metadata.labels] : [metadata.annotations];
  return maps.some((map) => {
    const text = textOf(objectOf(map)[key]);
    return (ignoresCase ? text.trim().toLowerCase() : text) === value;
  });
}
