import { describePlace } from '../errors.ts';
import type { ObjectChange } from '../model/change-set.ts';
import { describeRef, type ObjectRef, refKey, refOf } from '../model/object.ts';
import type { Target, TargetId } from '../model/target.ts';
import type { ReleaseEnd, TargetRecord } from '../ports/releases.ts';
import { renderObjects } from './objects.ts';
import type { ReleasePorts } from './ports.ts';

type RefusalPorts = Pick<ReleasePorts, 'clusters' | 'mirrors' | 'policy' | 'releases' | 'renderer'>;

/**
 * Why a release failed whose objects were refused: `web.yaml:12: Deployment web: …`, the first one's next step, and how
 * many others there are.
 */
export async function refusalOf(
  target: Target,
  [refused, ...others]: [ObjectChange, ...ObjectChange[]],
  ports: RefusalPorts,
  signal: AbortSignal,
): Promise<Pick<ReleaseEnd, 'reason' | 'hint'>> {
  const said = aboutChange(target, refused);
  const other = refused.ownedBy && (await fileOf(refused.ownedBy, refused.ref, ports, signal));
  const there = other === undefined ? '' : `, which renders it from ${other}`;
  const objects = others.length === 1 ? '1 more object' : `${others.length} more objects`;
  const more = others.length === 0 ? '' : `; ${objects} failed too`;
  return { reason: `${said}${there}${more}`, hint: refused.hint };
}

/** `web.yaml:12: Job migrate: exited with code 1`. */
export function aboutChange(target: Target, { source, ref, reason = 'refused' }: ObjectChange): string {
  const said = about(target, ref, reason);
  return source === undefined ? said : `${source}: ${said}`;
}

/** `Deployment loan-service: 0 of 3 pods ready`; the namespace is named only where it is not the target's. */
export function about(target: Target, ref: ObjectRef, message: string): string {
  const namespace = ref.namespace === target.namespace ? undefined : ref.namespace;
  return `${describeRef({ ...ref, namespace })}: ${message}`;
}

/** The file that the other target renders the object from; undefined where it no longer does. */
async function fileOf(
  owner: TargetId,
  ref: ObjectRef,
  ports: RefusalPorts,
  signal: AbortSignal,
): Promise<string | undefined> {
  const record = await ports.releases.record(owner);
  const release = record?.last && (await ports.releases.find(record.last.id));
  const told = release?.changeSet.changes.find((change) => refKey(change.ref) === refKey(ref))?.source;
  return told ?? (record && (await renderedFrom(record, ref, ports, signal)));
}

/** Its release is still on its way, perhaps the first one: what it is to run tells as well. */
async function renderedFrom(
  { target, desired }: TargetRecord,
  ref: ObjectRef,
  ports: RefusalPorts,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!desired || target.removed) return undefined;
  try {
    const mirror = ports.mirrors.open(target.repository);
    await mirror.ensure(desired.commit, signal);
    const cluster = ports.clusters.get(target.cluster);
    const { objects } = await renderObjects(target, mirror.tree(desired.commit), cluster, ports, signal);
    const source = objects.find(({ object }) => refKey(refOf(object)) === refKey(ref))?.source;
    return source && describePlace(source);
  } catch {
    // Its name is told in any case; its own release says what is wrong with it.
    signal.throwIfAborted();
    return undefined;
  }
}
