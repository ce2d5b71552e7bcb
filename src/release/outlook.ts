import { nameBeside, type Target, type TargetId } from '../model/target.ts';
import type { Heir } from '../ports/heirs.ts';
import type { TargetRecord } from '../ports/releases.ts';
import type { Unready } from './dependencies.ts';
import type { ReleasePorts } from './ports.ts';

type OutlookPorts = Pick<ReleasePorts, 'bells' | 'dependencies' | 'desired' | 'heirs' | 'releases'>;

/** Who may still take over what a target has that is to go. */
export interface Outlook {
  /** Why nothing can be said yet; the target's bell rings when that is over. */
  unready?: Unready | undefined;
  /** Why something may still be taken over, later: `loans@production failed`. */
  doubts: string[];
  /** Who has taken something, by name. */
  heirs: string[];
}

/**
 * Which objects a target renders is known once they are rendered. So a target that is to go waits until all others
 * of its repository on its cluster, and whoever has met its objects, have ended their releases.
 */
export async function outlookOf(target: Target, ports: OutlookPorts): Promise<Outlook> {
  const known = await ports.heirs.of(target.id);
  for (const heir of known) await giveChance(heir, ports);
  const outlook: Outlook = { doubts: [], heirs: [] };
  for (const { target: id, refusedAt } of known) {
    const record = await settledRecord(target, id, ports);
    if (typeof record === 'string') return { ...outlook, unready: { reason: record } };
    if (!record) continue;
    if (hasFailed(record)) outlook.doubts.push(`${nameFor(target, id)} failed`);
    else if (refusedAt === undefined) outlook.heirs.push(nameFor(target, id));
  }
  const met = new Set([target.id, ...known.map((heir) => heir.target)]);
  for (const id of await ports.desired.unwell(target.repository)) {
    const record = met.has(id) ? undefined : await settledRecord(target, id, ports, target.cluster);
    if (typeof record === 'string') return { ...outlook, unready: { reason: record } };
    // One that got as far as applying has looked at whose objects are there, and would be among the heirs.
    if (record && hasFailed(record) && record.last?.times.applying === undefined) {
      outlook.doubts.push(`${nameFor(target, id)} failed`);
    }
  }
  outlook.doubts.push(...(target.unsettled ?? []));
  return outlook;
}

/** What was refused while the owner stood in slipway.yaml is released once more, now that it does not. */
async function giveChance(
  { target, refusedAt }: Heir,
  { releases, desired, bells }: OutlookPorts,
): Promise<void> {
  if (refusedAt === undefined) return;
  const record = await releases.record(target);
  if (record?.desired?.revision !== refusedAt || record.handled < refusedAt || record.target.removed) return;
  await desired.repeat(target, { kind: 'retry' });
  await bells.ringDeploy([{ target, index: 0 }]);
}

/** The other target's state; why to wait where its release has not ended; undefined where it takes nothing. */
async function settledRecord(
  target: Target,
  id: TargetId,
  { dependencies, releases }: OutlookPorts,
  cluster?: string,
): Promise<TargetRecord | string | undefined> {
  const first = await releases.record(id);
  if (!first || first.target.removed) return undefined;
  if (cluster !== undefined && first.target.cluster !== cluster) return undefined;
  if (!isOpen(first)) return first;
  await dependencies.waitFor(id, target.id);
  // It may have ended, and rung, just before it knew who waits.
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
  return nameBeside(id, { repository, environment: '' });
}
