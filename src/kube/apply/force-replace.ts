import { createHash } from 'node:crypto';
import type { KubeObject } from '../../model/object.ts';
import { asksForForceReplace } from '../../model/sync-options.ts';
import type { Resource } from '../discovery/resource.ts';
import { annotationsOf, runAnnotation } from '../hooks/hook-object.ts';
import { isMember } from '../live/live.ts';
import { isDeletionProtected } from '../prune/prune-guard.ts';
import type { Session } from '../session.ts';
import type { Writing } from '../writing.ts';
import { removeToRecreate } from './recreate.ts';
import type { Resolution } from './resolve-conflict.ts';

/** Whether each release deletes the object and makes it anew; never what takes data or other objects with it. */
export function isForceReplaced(object: KubeObject): boolean {
  return asksForForceReplace(object) && !isDeletionProtected(object);
}

/**
 * The object with the mark of its release, so that a release that is repeated after a crash makes it once. A dry run
 * has no release of its own: it compares without the mark.
 */
export function ofRun(object: KubeObject, live: KubeObject | undefined, run: string | undefined): KubeObject {
  const key = JSON.stringify([run, object]);
  const mark = run === undefined ? undefined : createHash('sha256').update(key).digest('hex').slice(0, 16);
  const value = mark ?? (live && annotationsOf(live)[runAnnotation]);
  if (value === undefined) return object;
  const annotations = { ...annotationsOf(object), [runAnnotation]: value };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** Deletes what an earlier release has made of it; undefined where there is nothing to delete. */
export async function removeEarlier(
  session: Session,
  wanted: KubeObject,
  before: KubeObject | 'unreadable' | undefined,
  resource: Resource,
  writing: Writing,
): Promise<Resolution | undefined> {
  if (!isForceReplaced(wanted) || !before || before === 'unreadable') return undefined;
  if (!isMember(before, session.parent.id)) return undefined;
  if (!writing.dryRun) await removeToRecreate(session, wanted, before, resource, writing);
  const reason = 'deleted and made anew: Force=true and Replace=true ask for it in each release';
  return { before: undefined, reason, deleted: before };
}
