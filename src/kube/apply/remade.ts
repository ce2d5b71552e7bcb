import { createHash } from 'node:crypto';
import type { KubeObject } from '../../model/object.ts';
import { isMadeAnew } from '../../model/sync-options.ts';
import type { Resource } from '../discovery/resource.ts';
import { annotationsOf, runAnnotation } from '../hooks/hook-object.ts';
import { isMember } from '../live/live.ts';
import { isPrecious } from '../prune/prune-guard.ts';
import type { Session } from '../session.ts';
import type { Writing } from '../writing.ts';
import type { Way } from './make-way.ts';
import { removeToRecreate } from './recreate.ts';

/** Whether each release deletes the object and makes it anew; never what takes data or other objects with it. */
export function isRemade(object: KubeObject): boolean {
  return isMadeAnew(object) && !isPrecious(object);
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
): Promise<Way | undefined> {
  if (!isRemade(wanted) || !before || before === 'unreadable') return undefined;
  if (!isMember(before, session.parent.id)) return undefined;
  if (!writing.dryRun) await removeToRecreate(session, wanted, before, resource, writing);
  const reason = 'deleted and made anew: Force=true and Replace=true ask for it in each release';
  return { before: undefined, reason, deleted: before };
}
