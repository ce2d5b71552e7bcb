import { parseTargetId, type Target, type TargetId } from '../model/target.ts';
import type { ClusterWork } from '../ports/cluster.ts';
import type { ReleasePorts } from './ports.ts';

/** The release whose target meets objects of another one. */
interface TakingOver {
  target: Target;
  /** Revision of the desired that it answers; undefined: a plan, which leaves no trace. */
  revision?: number | undefined;
  /** Called before anything of that target is taken. */
  onTaking?: ((owner: TargetId) => void) | undefined;
}

/**
 * The release's answer to the cluster's question whether it may take over what another target has deployed: where
 * that one is no longer in slipway.yaml, and one project has both.
 */
export function takeoverRightOf(
  { target, revision, onTaking }: TakingOver,
  { admission, successors, releases }: Pick<ReleasePorts, 'admission' | 'successors' | 'releases'>,
): NonNullable<ClusterWork['takeoverRight']> {
  return async (owner) => {
    const other = parseTargetId(owner);
    if (!other || !admission.isSameProject(target.repository, other.repository)) return 'foreign';
    const lasting = revision !== undefined;
    if (lasting && !target.adopt) await successors.refused(owner, target.id, revision);
    const record = await releases.record(owner);
    if (!record?.target.removed) return 'standing';
    if (lasting) {
      await successors.takes(owner, target.id);
      onTaking?.(owner);
    }
    return 'granted';
  };
}
