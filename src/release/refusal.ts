import type { ObjectChange } from '../model/change-set.ts';
import type { Failure } from '../model/failure.ts';
import { type ObjectRef, refKey } from '../model/object.ts';
import type { SourcePlace } from '../model/source-place.ts';
import type { TargetId } from '../model/target.ts';
import type { TargetRecord } from '../ports/releases.ts';
import type { ReleasePorts } from './ports.ts';

type RefusalPorts = Pick<ReleasePorts, 'desiredObjects' | 'mirrors' | 'releases'>;

/**
 * The failure of a release whose objects were refused: the failure of the first object and the number of the others. If
 * the object belongs to another target, `details.owner.place` is the file that the other target renders it from.
 */
export async function refusalOf(
  [refused, ...others]: [ObjectChange, ...ObjectChange[]],
  ports: RefusalPorts,
  signal: AbortSignal,
): Promise<Failure> {
  const failure = failureOf(refused);
  const owner = failure.details?.owner;
  const place = owner && (await sourceOf(owner.target, refused.ref, ports, signal));
  return withMoreObjects(
    owner ? withDetails(failure, { owner: { ...owner, place } }) : failure,
    others.length,
  );
}

/** The failure of one change, with its object and file. */
export function failureOf({ ref, source, failure }: ObjectChange): Failure {
  return { code: 'INTERNAL', summary: 'it failed', place: source, ...failure, object: ref };
}

/** Adds the number of further objects that failed. */
export function withMoreObjects(failure: Failure, moreObjects: number): Failure {
  return moreObjects === 0 ? failure : withDetails(failure, { moreObjects });
}

export function withDetails(failure: Failure, details: Failure['details']): Failure {
  return { ...failure, details: { ...failure.details, ...details } };
}

/** The file and line that the other target renders the object from; undefined if it no longer renders it. */
async function sourceOf(
  owner: TargetId,
  ref: ObjectRef,
  ports: RefusalPorts,
  signal: AbortSignal,
): Promise<SourcePlace | undefined> {
  const record = await ports.releases.record(owner);
  const release = record?.last && (await ports.releases.find(record.last.id));
  const changes = release?.target === owner ? release.changeSet.changes : [];
  const known = changes.find((change) => refKey(change.ref) === refKey(ref))?.source;
  return known ?? (record && (await renderedSource(record, ref, ports, signal)));
}

/** Renders the owner's desired commit: its release may not have ended, so no change set names the file yet. */
async function renderedSource(
  { target, desired }: TargetRecord,
  ref: ObjectRef,
  { desiredObjects, mirrors }: RefusalPorts,
  signal: AbortSignal,
): Promise<SourcePlace | undefined> {
  if (!desired || target.removed) return undefined;
  try {
    return (await desiredObjects.of(target, desired, mirrors)).get(refKey(ref));
  } catch {
    // The failure names the owner even without a file. The owner's own release reports why it cannot be rendered.
    signal.throwIfAborted();
    return undefined;
  }
}
