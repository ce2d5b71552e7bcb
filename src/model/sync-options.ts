import { annotationOf } from './annotation.ts';
import { commaSeparated } from './hook.ts';
import type { KubeObject } from './object.ts';

/** Options of Argo CD for one object: https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/. */
function hasSyncOption(object: KubeObject, option: string): boolean {
  return commaSeparated(annotationOf(object, 'argocd.argoproj.io/sync-options') ?? '').includes(option);
}

/** The kind may be missing now: an operator of an earlier wave installs it during the release. */
export function kindComesLater(object: KubeObject): boolean {
  return hasSyncOption(object, 'SkipDryRunOnMissingResource=true');
}

/**
 * The option that keeps an object from being deleted, if it has it: `Prune=false` if its file is gone, `Delete=false` if
 * the whole app is deleted.
 */
export function keepOption(object: KubeObject, whole: boolean): string | undefined {
  const option = whole ? 'Delete=false' : 'Prune=false';
  return hasSyncOption(object, option) ? option : undefined;
}

/** The object is pruned only after a person has confirmed it. */
export function asksBeforePrune(object: KubeObject): boolean {
  return hasSyncOption(object, 'Prune=confirm');
}

/** The object may be recreated if it cannot be updated. */
export function isForced(object: KubeObject): boolean {
  return hasSyncOption(object, 'Force=true');
}

/** The object is replaced as by `kubectl replace`: fields that are not in its file are removed, whoever set them. */
export function isReplaced(object: KubeObject): boolean {
  return hasSyncOption(object, 'Replace=true');
}

/** The object is recreated in every release, as by `kubectl replace --force`: for Jobs that should run every time. */
export function asksForForceReplace(object: KubeObject): boolean {
  return isForced(object) && isReplaced(object);
}
