import { annotationOf } from './annotation.ts';
import { wordsOf } from './hook.ts';
import type { KubeObject } from './object.ts';

/** Argo CD's options for one object: argo-cd.readthedocs.io/en/stable/user-guide/sync-options. */
function hasSyncOption(object: KubeObject, option: string): boolean {
  return wordsOf(annotationOf(object, 'argocd.argoproj.io/sync-options') ?? '').includes(option);
}

/** Its kind comes while the release runs, from an operator of an earlier wave. */
export function kindComesLater(object: KubeObject): boolean {
  return hasSyncOption(object, 'SkipDryRunOnMissingResource=true');
}

/** It may be deleted and made anew where it cannot be changed. */
export function isForced(object: KubeObject): boolean {
  return hasSyncOption(object, 'Force=true');
}
