import type { ObjectChange } from '../model/change-set.ts';
import { describeRef, type ObjectRef, refKey } from '../model/object.ts';
import type { Target, TargetId } from '../model/target.ts';
import type { ReleaseEnd, ReleaseStore } from '../ports/releases.ts';

/** Why a release failed whose object was refused: `web.yaml:12: Deployment web: …`, and the next step. */
export async function refusalOf(
  target: Target,
  refused: ObjectChange,
  releases: Pick<ReleaseStore, 'record' | 'find'>,
): Promise<Pick<ReleaseEnd, 'reason' | 'hint'>> {
  const place = refused.source === undefined ? '' : `${refused.source}: `;
  const said = about(target, refused.ref, refused.reason ?? 'refused');
  const other = refused.ownedBy && (await fileOf(refused.ownedBy, refused.ref, releases));
  const there = other === undefined ? '' : `, which renders it from ${other}`;
  return { reason: `${place}${said}${there}`, hint: refused.hint };
}

/** `Deployment loan-service: 0 of 3 pods ready`; the namespace is named only where it is not the target's. */
export function about(target: Target, ref: ObjectRef, message: string): string {
  const namespace = ref.namespace === target.namespace ? undefined : ref.namespace;
  return `${describeRef({ ...ref, namespace })}: ${message}`;
}

/** The file that the other target's last release rendered the object from; undefined where that is forgotten. */
async function fileOf(
  owner: TargetId,
  ref: ObjectRef,
  releases: Pick<ReleaseStore, 'record' | 'find'>,
): Promise<string | undefined> {
  const record = await releases.record(owner);
  const release = record?.last && (await releases.find(record.last.id));
  return release?.changeSet.changes.find((change) => refKey(change.ref) === refKey(ref))?.source;
}
