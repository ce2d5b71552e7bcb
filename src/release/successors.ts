import type { Notice } from '../model/notice.ts';
import { relativeName, type Target, type TargetId } from '../model/target.ts';
import type { TargetRecord } from '../ports/releases.ts';
import type { Successor } from '../ports/successors.ts';
import type { ReleasePorts } from './ports.ts';

type SuccessorPorts = Pick<ReleasePorts, 'wakeUps' | 'dependencies' | 'desired' | 'successors' | 'releases'>;

/** Who may still take over what a target has that is to go. */
export interface Successors {
  /** Why that is not known yet; the target is enqueued when the reason ends. */
  unready?: Notice | undefined;
  /** Why something may still be taken over, later: `loans@production failed`. */
  doubts: string[];
  /** Who has taken something, by name. */
  successors: string[];
}

/**
 * Which objects a target renders is known once they are rendered. So a target that is to go waits until all others
 * of its repository on its cluster, and whoever has met its objects, have ended their releases.
 */
export async function successorsOf(target: Target, ports: SuccessorPorts): Promise<Successors> {
  const known = await ports.successors.of(target.id);
  for (const successor of known) await giveChance(successor, ports);
  const found: Successors = { doubts: [], successors: [] };
  for (const { target: id, refusedAt } of known) {
    const record = await settledRecord(target, id, ports);
    if (typeof record === 'string') return { ...found, unready: { kind: 'waiting', summary: record } };
    if (!record) continue;
    if (hasFailed(record)) found.doubts.push(`${nameFor(target, id)} failed`);
    else if (refusedAt === undefined) found.successors.push(nameFor(target, id));
  }
  const met = new Set([target.id, ...known.map((successor) => successor.target)]);
  for (const id of await ports.desired.unwell(target.repository)) {
    const record = met.has(id) ? undefined : await settledRecord(target, id, ports, target.cluster);
    if (typeof record === 'string') return { ...found, unready: { kind: 'waiting', summary: record } };
    // One that got as far as applying has looked at whose objects are there, and would be among the heirs.
    if (record && hasFailed(record) && record.last?.times.applying === undefined) {
      found.doubts.push(`${nameFor(target, id)} failed`);
    }
  }
  found.doubts.push(...(target.unsettled ?? []));
  return found;
}

/** What was refused while the owner stood in slipway.yaml is released once more, now that it does not. */
async function giveChance(
  { target, refusedAt }: Successor,
  { releases, desired, wakeUps }: SuccessorPorts,
): Promise<void> {
  if (refusedAt === undefined) return;
  const record = await releases.record(target);
  if (record?.desired?.revision !== refusedAt || record.handled < refusedAt || record.target.removed) return;
  await desired.repeat(target, { kind: 'retry' });
  await wakeUps.enqueueDeploys([{ target, index: 0 }]);
}

/** The other target's state; why to wait where its release has not ended; undefined where it takes nothing. */
async function settledRecord(
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
  // It may have ended just before it knew who waits.
  const again = await releases.record(id);
  if (!again || !isOpen(again)) return again;
  const { last, desired: wanted } = again;
  const blocked = last?.state === 'blocked' && last.revision === wanted?.revision;
  const how = blocked ? 'blocked' : 'on its way';
  return `waits for ${nameFor(target, id)}, which is ${how} and may take over objects`;
}

function isOpen({ desired, handled }: TargetRecord): boolean {
  return desired !== undefined && desired.revision > handled;
}

function hasFailed({ last }: TargetRecord): boolean {
  return last?.state === 'failed' || last?.state === 'rolled-back';
}

/** With the environment: it may be what was renamed. */
function nameFor({ repository }: Target, id: TargetId): string {
  return relativeName(id, { repository, environment: '' });
}
