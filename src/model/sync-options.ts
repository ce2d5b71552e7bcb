import { annotationOf } from './annotation.ts';
import { commaSeparated } from './hook.ts';
import type { KubeObject } from './object.ts';

/** Argo CD's options for one object: argo-cd.readthedocs.io/en/stable/user-guide/sync-options. */
function hasSyncOption(object: KubeObject, option: string): boolean {
  return commaSeparated(annotationOf(object, 'argocd.argoproj.io/sync-options') ?? '').includes(option);
}

/** Its kind comes while the release runs, from an operator of an earlier wave. */
export function kindComesLater(object: KubeObject): boolean {
  return hasSyncOption(object, 'SkipDryRunOnMissingResource=true');
}

/** What Argo CD keeps: `Prune=false` when its file is gone, `Delete=false` when the whole app is deleted. */
export function keepOption(object: KubeObject, whole: boolean): string | undefined {
  const option = whole ? 'Delete=false' : 'Prune=false';
  return hasSyncOption(object, option) ? option : undefined;
}

/** It is pruned only when a person has confirmed it. */
export function asksBeforePrune(object: KubeObject): boolean {
  return hasSyncOption(object, 'Prune=confirm');
}

/** It may be deleted and made anew where it cannot be changed. */
export function isForced(object: KubeObject): boolean {
  return hasSyncOption(object, 'Force=true');
}

/** As `kubectl replace`: what its file does not hold goes, whoever has set it. */
export function isReplaced(object: KubeObject): boolean {
  return hasSyncOption(object, 'Replace=true');
}

/** As `kubectl replace --force`: deleted and made anew by each release, as Jobs that should run every time. */
export function asksForForceReplace(object: KubeObject): boolean {
  return isForced(object) && isReplaced(object);
}
