import type { Notice } from '../model/notice.ts';
import { relativeName, repositoryOf, type Target, type TargetId } from '../model/target.ts';
import type { TargetRecord } from '../ports/releases.ts';
import type { Successor } from '../ports/successors.ts';
import type { ReleasePorts } from './ports.ts';

type RetryPorts = Pick<ReleasePorts, 'admission' | 'releases' | 'desired' | 'wakeUps'>;
type SuccessorPorts = RetryPorts & Pick<ReleasePorts, 'dependencies' | 'successors'>;

/** The targets that have taken over, or may still take over, objects of a target that is being removed. */
export interface Successors {
  /** Why the successors are not known yet. The removed target is enqueued when this reason no longer holds. */
  unready?: Notice | undefined;
  /** Why objects may still be taken over later: `loans@production failed`. */
  doubts: string[];
  /** Names of the targets that have taken over objects. */
  successors: string[];
}

/**
 * Finds the successors of a removed target. Only rendering shows which objects a target has. A removed target therefore
 * waits until the releases have ended of all targets of its repository on its cluster, and of all others that have tried
 * to apply its objects.
 */
export async function successorsOf(target: Target, ports: SuccessorPorts): Promise<Successors> {
  const candidates = await ports.successors.of(target.id);
  for (const successor of candidates) await retryRefused(target, successor, ports);
  const found: Successors = { doubts: [], successors: [] };
  for (const { target: id, refusedAt } of candidates) {
    const record = await recordOrWaitReason(target, id, ports);
    if (typeof record === 'string') return { ...found, unready: { kind: 'waiting', summary: record } };
    if (!record) continue;
    if (hasFailed(record)) found.doubts.push(`${nameOf(target, id)} failed`);
    else if (refusedAt === undefined) found.successors.push(nameOf(target, id));
  }
  const met = new Set([target.id, ...candidates.map((successor) => successor.target)]);
  for (const id of await ports.desired.unwell(target.repository)) {
    const record = met.has(id) ? undefined : await recordOrWaitReason(target, id, ports, target.cluster);
    if (typeof record === 'string') return { ...found, unready: { kind: 'waiting', summary: record } };
    // A release that reached `applying` has checked ownership, so its target would be among the candidates.
    if (record && hasFailed(record) && record.last?.times.applying === undefined) {
      found.doubts.push(`${nameOf(target, id)} failed`);
    }
  }
  found.doubts.push(...(target.unsettled ?? []));
  return found;
}

/**
 * Deploys a candidate again that was refused because the owner rendered the objects at that time. One of another project
 * would be refused again.
 */
async function retryRefused(
  owner: Target,
  { target, refusedAt }: Successor,
  { admission, releases, desired, wakeUps }: RetryPorts,
): Promise<void> {
  if (refusedAt === undefined || !admission.isSameProject(owner.repository, repositoryOf(target))) return;
  const record = await releases.record(target);
  if (record?.desired?.revision !== refusedAt || record.handled < refusedAt || record.target.removed) return;
  await desired.repeat(target, { kind: 'retry' });
  await wakeUps.enqueueDeploys([{ target, cluster: record.target.cluster, index: 0 }]);
}

/** The record of a candidate; the reason to wait if its release has not ended; undefined if it cannot take over objects. */
async function recordOrWaitReason(
  target: Target,
  id: TargetId,
  { dependencies, releases }: SuccessorPorts,
  cluster?: string,
): Promise<TargetRecord | string | undefined> {
  const first = await releases.record(id);
  if (!first || first.target.removed) return undefined;
  if (cluster !== undefined && first.target.cluster !== cluster) return undefined;
  if (!isOpen(first)) return first;
  await dependencies.waitFor(id, target.id);
  // The release may have ended just before this target was registered as waiting.
  const again = await releases.record(id);
  if (!again || !isOpen(again)) return again;
  const { last, desired: wanted } = again;
  const blocked = last?.state === 'blocked' && last.revision === wanted?.revision;
  const how = blocked ? 'blocked' : 'in progress';
  return `waits for ${nameOf(target, id)}, which is ${how} and may take over objects`;
}

function isOpen({ desired, handled }: TargetRecord): boolean {
  return desired !== undefined && desired.revision > handled;
}

function hasFailed({ last }: TargetRecord): boolean {
  return last?.state === 'failed' || last?.state === 'rolled-back';
}

/** With the environment, because it may be the part that was renamed. */
function nameOf({ repository }: Target, id: TargetId): string {
  return relativeName(id, { repository, environment: '' });
}
