import { parseTargetId, type Target, type TargetId } from '../model/target.ts';
import type { ClusterWork } from '../ports/cluster.ts';
import type { ReleasePorts } from './ports.ts';

/** A release or plan that renders objects which another target has deployed. */
interface TakeoverRequest {
  target: Target;
  /** The desired revision that is deployed. Undefined: a plan, which records nothing. */
  revision?: number | undefined;
  /** Called before the first object of that target is taken over. */
  onTaking?: ((owner: TargetId) => void) | undefined;
}

/**
 * Decides whether the target may take over objects of an owner: it may if slipway.yaml no longer has the owner and one
 * project contains both repositories.
 */
export function takeoverRightOf(
  { target, revision, onTaking }: TakeoverRequest,
  { admission, successors, releases }: Pick<ReleasePorts, 'admission' | 'successors' | 'releases'>,
): NonNullable<ClusterWork['takeoverRight']> {
  return async (owner) => {
    const ownerId = parseTargetId(owner);
    if (!ownerId || !admission.isSameProject(target.repository, ownerId.repository)) return 'foreign';
    const isRelease = revision !== undefined;
    if (isRelease && !target.adopt) await successors.refused(owner, target.id, revision);
    const record = await releases.record(owner);
    if (!record?.target.removed) return 'active';
    if (isRelease) {
      await successors.takes(owner, target.id);
      onTaking?.(owner);
    }
    return 'granted';
  };
}
