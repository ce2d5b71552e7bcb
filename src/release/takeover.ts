import { toSlipwayError } from '../errors.ts';
import { type ObjectRef, refKey } from '../model/object.ts';
import { parseTargetId, repositoryOf, type Target, type TargetId } from '../model/target.ts';
import type { ClusterWork, TakeoverRight } from '../ports/cluster.ts';
import type { TargetRecord } from '../ports/releases.ts';
import type { SuccessorRun } from '../ports/successors.ts';
import type { DesiredContent, Places } from './desired-objects.ts';
import type { ReleasePorts } from './ports.ts';

/** A release or plan that renders objects which another target has deployed. */
interface TakeoverRequest {
  target: Target;
  /** Undefined: a plan, which records nothing. */
  run?: { revision: number; fencingToken: string } | undefined;
  /**
   * The owner as the planned commit has it, if that is of the same repository and branch; undefined: the commit does not
   * have it. A release takes the owner as it is desired.
   */
  ownerAt?: ((owner: TargetId) => Promise<Planned | undefined>) | undefined;
  /** Called before the first object of a removed target is taken over. */
  onTaking?: ((owner: TargetId) => void) | undefined;
}

/** A target as it is to be deployed. */
interface Planned {
  target: Target;
  desired: DesiredContent;
}

type TakeoverPorts = Pick<
  ReleasePorts,
  'admission' | 'successors' | 'releases' | 'desiredObjects' | 'mirrors'
>;

/** The right to all objects of an owner, or the objects that the owner still renders. */
type Rights = TakeoverRight | { rendered: Places; begin: () => Promise<void> };

/**
 * Decides which objects of an owner the target may take over: those that the owner's desired commit no longer renders,
 * and all of them if slipway.yaml no longer has the owner. One project has to contain both repositories.
 */
export function takeoverRightOf(
  request: TakeoverRequest,
  ports: TakeoverPorts,
): NonNullable<ClusterWork['takeoverRight']> {
  const known = new Map<TargetId, Promise<Rights>>();
  return async (owner, object) => {
    const asked = known.get(owner) ?? rightsTo(owner, request, ports);
    known.set(owner, asked);
    return rightTo(object, await asked);
  };
}

async function rightTo(object: ObjectRef, rights: Rights): Promise<TakeoverRight> {
  if (typeof rights === 'string') return rights;
  if (rights.rendered.has(refKey(object))) return 'active';
  await rights.begin();
  return 'granted';
}

/** Asked once per run and owner. */
async function rightsTo(owner: TargetId, request: TakeoverRequest, ports: TakeoverPorts): Promise<Rights> {
  const { target, run, onTaking } = request;
  const { admission, successors, releases } = ports;
  if (!parseTargetId(owner)) return 'foreign';
  if (run && !target.adopt) await successors.refused(owner, writerOf(target, run), run.revision);
  const record = await releases.record(owner);
  if (record && !record.target.removed) return rightsToActive(record, request, ports);
  if (!target.adopt && !admission.isSameProject(target.repository, repositoryOf(owner))) return 'foreign';
  if (!record) return 'active';
  if (run) {
    await successors.takes(owner, writerOf(target, run));
    onTaking?.(owner);
  }
  return 'granted';
}

function writerOf({ id }: Target, { fencingToken }: { fencingToken: string }): SuccessorRun {
  return { target: id, fencingToken };
}

async function rightsToActive(
  owner: TargetRecord,
  { target, run, ownerAt }: TakeoverRequest,
  ports: TakeoverPorts,
): Promise<Rights> {
  const { admission, desiredObjects, mirrors, successors } = ports;
  const { desired } = owner;
  const begin = async () => {
    if (run) await successors.takesSome(owner.target.id, writerOf(target, run), desired?.revision ?? 0);
  };
  if (target.adopt) {
    await begin();
    return 'granted';
  }
  if (!admission.isSameProject(target.repository, owner.target.repository)) return 'foreign';
  if (!desired) return 'active';
  try {
    const { repository, branch } = owner.target;
    const isBeside = repository === target.repository && branch === target.branch;
    const planned = ownerAt && isBeside ? await ownerAt(owner.target.id) : { target: owner.target, desired };
    if (!planned) return 'granted';
    let begun: Promise<void> | undefined;
    return {
      rendered: await desiredObjects.of(planned.target, planned.desired, mirrors),
      begin() {
        begun ??= begin();
        return begun;
      },
    };
  } catch (thrown) {
    if (toSlipwayError(thrown).retryable) throw thrown;
    return 'unknown';
  }
}
