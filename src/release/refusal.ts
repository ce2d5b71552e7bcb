import type { ObjectChange } from '../model/change-set.ts';
import type { Failure } from '../model/failure.ts';
import { type ObjectRef, refKey, refOf } from '../model/object.ts';
import type { SourcePlace } from '../model/source-place.ts';
import type { TargetId } from '../model/target.ts';
import type { TargetRecord } from '../ports/releases.ts';
import { renderObjects } from './objects.ts';
import type { ReleasePorts } from './ports.ts';

type RefusalPorts = Pick<ReleasePorts, 'clusters' | 'mirrors' | 'policy' | 'releases' | 'renderer'>;

/**
 * Why a release failed whose objects were refused: the failure of the first one, with the count of the others and, if
 * it belongs to another target, the file that the other target renders it from.
 */
export async function refusalOf(
  [refused, ...others]: [ObjectChange, ...ObjectChange[]],
  ports: RefusalPorts,
  signal: AbortSignal,
): Promise<Failure> {
  const failure = failureOf(refused);
  const owner = failure.details?.owner;
  const place = owner && (await fileOf(owner.target, refused.ref, ports, signal));
  return withMore(owner ? withDetails(failure, { owner: { ...owner, place } }) : failure, others.length);
}

/** The failure of a change, with the object and its file. */
export function failureOf({ ref, source, failure }: ObjectChange): Failure {
  return { code: 'INTERNAL', summary: 'it failed', place: source, ...failure, object: ref };
}

/** The failure of the first of several objects. */
export function withMore(failure: Failure, moreObjects: number): Failure {
  return moreObjects === 0 ? failure : withDetails(failure, { moreObjects });
}

export function withDetails(failure: Failure, details: Failure['details']): Failure {
  return { ...failure, details: { ...failure.details, ...details } };
}

/** Where the other target renders the object from; undefined if it no longer does. */
async function fileOf(
  owner: TargetId,
  ref: ObjectRef,
  ports: RefusalPorts,
  signal: AbortSignal,
): Promise<SourcePlace | undefined> {
  const record = await ports.releases.record(owner);
  const release = record?.last && (await ports.releases.find(record.last.id));
  const known = release?.changeSet.changes.find((change) => refKey(change.ref) === refKey(ref))?.source;
  return known ?? (record && (await renderedFrom(record, ref, ports, signal)));
}

/** For a release that has not ended, perhaps the first one of its target: what it is about to run names the file too. */
async function renderedFrom(
  { target, desired }: TargetRecord,
  ref: ObjectRef,
  ports: RefusalPorts,
  signal: AbortSignal,
): Promise<SourcePlace | undefined> {
  if (!desired || target.removed) return undefined;
  try {
    const mirror = ports.mirrors.open(target.repository);
    await mirror.ensure(desired.commit, signal);
    const cluster = ports.clusters.get(target.cluster);
    const { objects } = await renderObjects(target, mirror.tree(desired.commit), cluster, ports, signal);
    return objects.find(({ object }) => refKey(refOf(object)) === refKey(ref))?.source;
  } catch {
    // The failure names the target in any case; the target's own release reports what is wrong with it.
    signal.throwIfAborted();
    return undefined;
  }
}
