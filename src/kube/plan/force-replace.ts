import { createHash } from 'node:crypto';
import { annotationOf } from '../../model/annotation.ts';
import { isDeletionProtected } from '../../model/deletion-protected.ts';
import { objectOf } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { runAnnotation } from '../../model/run-annotation.ts';
import { asksForForceReplace } from '../../model/sync-options.ts';

/** Whether each release deletes the object and creates it again; never a kind whose deletion takes more with it. */
export function isForceReplaced(object: KubeObject): boolean {
  return asksForForceReplace(object) && !isDeletionProtected(object);
}

/**
 * The object with the mark of its release, so that a release that is repeated after a crash replaces it once. A dry run
 * (`releaseKey` undefined) has no release of its own: it compares with the mark that is live.
 */
export function markedForRelease(
  object: KubeObject,
  live: KubeObject | undefined,
  releaseKey: string | undefined,
): KubeObject {
  const mark =
    releaseKey === undefined ? live && annotationOf(live, runAnnotation) : hashOf([releaseKey, object]);
  if (mark === undefined) return object;
  const annotations = { ...objectOf(object.metadata.annotations), [runAnnotation]: mark };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

function hashOf(value: [string, KubeObject]): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}
