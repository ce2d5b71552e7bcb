import type { Notice } from '../model/notice.ts';
import type { Target } from '../model/target.ts';
import type { ReleasePorts } from './ports.ts';
import { successorsOf } from './successors.ts';
import { unreadyDependency } from './unready-dependency.ts';

/** Why the target's release has to wait for another target. Undefined: it may start. */
export async function whyUnready(target: Target, ports: ReleasePorts): Promise<Notice | undefined> {
  if (target.removed) return (await successorsOf(target, ports)).unready;
  return unreadyDependency(target, ports);
}
