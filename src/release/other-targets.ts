import { toSlipwayError } from '../errors.ts';
import { describeFailure } from '../model/describe-failure.ts';
import type { KubeObject, ObjectRef, RenderedObject } from '../model/object.ts';
import type { Target, TargetId } from '../model/target.ts';
import type { Unsettled } from '../ports/desired.ts';
import type { Places } from './desired-objects.ts';
import type { ReleasePorts } from './ports.ts';

/** Another target that may render objects which this one no longer renders. */
export interface Other extends Unsettled {
  isSameProject: boolean;
  /** One of the two has taken, or tried to take, objects of the other. */
  isSuccessor: boolean;
}

type OtherPorts = Pick<
  ReleasePorts,
  | 'admission'
  | 'clusters'
  | 'desired'
  | 'desiredObjects'
  | 'mirrors'
  | 'policy'
  | 'releases'
  | 'renderer'
  | 'successors'
>;

/**
 * The targets on its cluster that may render objects of this target. One whose last release ended well owns what it
 * renders, so these are the others, and those whose objects this target took.
 */
export async function othersOf(target: Target, ports: OtherPorts): Promise<Other[]> {
  const [unsettled, successors] = await Promise.all([
    ports.desired.unsettled(),
    ports.successors.of(target.id),
  ]);
  const known = new Set(successors.map((successor) => successor.target));
  const others = new Map(unsettled.map((one) => [one.target.id, one]));
  for (const id of known) {
    const other = others.get(id) ?? (await recordOf(id, ports));
    if (other) others.set(id, other);
  }
  return [...others.values()]
    .filter((other) => other.target.id !== target.id && other.target.cluster === target.cluster)
    .map((other) => ({
      ...other,
      isSuccessor: known.has(other.target.id),
      isSameProject: ports.admission.isSameProject(target.repository, other.target.repository),
    }));
}

async function recordOf(id: TargetId, { releases }: OtherPorts): Promise<Unsettled | undefined> {
  const record = await releases.record(id);
  if (!record?.desired || record.target.removed) return undefined;
  const { commit, contentKey, revision } = record.desired;
  return { target: record.target, commit, contentKey, revision, isOpen: revision > record.handled };
}

/** What the target renders; undefined if its files are at fault. */
export async function renderedBy(
  other: Other,
  { desiredObjects, mirrors }: OtherPorts,
): Promise<Places | undefined> {
  try {
    return await desiredObjects.of(other.target, other, mirrors);
  } catch (thrown) {
    if (toSlipwayError(thrown).retryable) throw thrown;
    return undefined;
  }
}

/** The objects that the rules of server.yaml let the other target write. */
export async function writableBy(
  other: Other,
  objects: ObjectRef[],
  { policy }: OtherPorts,
): Promise<ObjectRef[]> {
  const allowed = await Promise.all(
    objects.map(async (ref) => {
      const violations = await policy.evaluate(other.target, [asRendered(ref)]).catch(() => [undefined]);
      return violations.length === 0 ? [ref] : [];
    }),
  );
  return allowed.flat();
}

function asRendered({ group, version, kind, name, namespace }: ObjectRef): RenderedObject {
  const apiVersion = group === '' ? version : `${group}/${version}`;
  const metadata = namespace === undefined ? { name } : { name, namespace };
  const object: KubeObject = { apiVersion, kind, metadata };
  return { object, source: { file: '' } };
}

/**
 * Whether a target whose files cannot be rendered may have gained objects from its repository since a commit: only if
 * what decides its output has changed. An app that has been broken for long must not stop the prunes of all others.
 */
export async function mayHaveGained(
  { target, commit, isSuccessor }: Other,
  from: { repository: string; since: string | undefined },
  ports: OtherPorts,
): Promise<boolean> {
  if (isSuccessor) return true;
  if (target.repository !== from.repository) return false;
  if (from.since === undefined) return true;
  const [before, now] = await Promise.all([from.since, commit].map((at) => contentAt(target, at, ports)));
  return before === undefined || before !== now;
}

/** The content key, or the mistake that prevents it; undefined if the commit is gone. */
async function contentAt(
  target: Target,
  commit: string,
  { clusters, mirrors, renderer }: OtherPorts,
): Promise<string | undefined> {
  try {
    const mirror = mirrors.open(target.repository);
    await mirror.ensure(commit);
    const version = () => clusters.get(target.cluster).version();
    return await renderer.contentKey(target, mirror.tree(commit), version);
  } catch (thrown) {
    const error = toSlipwayError(thrown);
    if (error.retryable) throw error;
    return error.code === 'COMMIT_MISSING' ? undefined : describeFailure(error.failure);
  }
}
