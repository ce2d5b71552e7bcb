import { toSlipwayError } from '../errors.ts';
import { findCycle } from '../model/cycle.ts';
import { parseTargetId, relativeName, repositoryOf, type Target, type TargetId } from '../model/target.ts';
import type { ReleaseStore, TargetRecord } from '../ports/releases.ts';
import type { ReleasePorts } from './ports.ts';

export interface Unready {
  reason: string;
  hint?: string | undefined;
}

type DependencyPorts = Pick<ReleasePorts, 'admission'> & { releases: Pick<ReleaseStore, 'record'> };

/** Why the target must wait, or undefined where all it depends on runs as desired. */
export async function unreadyDependency(
  target: Target,
  ports: DependencyPorts,
): Promise<Unready | undefined> {
  for (const id of target.dependsOn) {
    const refused = refusal(target, id, ports);
    if (refused) return refused;
    const record = await ports.releases.record(id);
    const state = stateOf(record);
    if (state === undefined) continue;
    const cycle = state === 'blocked' ? await findBlockedCycle(target, ports) : undefined;
    if (cycle) return cycle;
    const reason = `waits for ${relativeName(id, target)}, which ${said(state, id)}`;
    return { reason, hint: record ? undefined : whereToLook(id) };
  }
  return undefined;
}

/** Undefined: it runs as desired. */
function stateOf(record: TargetRecord | undefined) {
  if (!record?.desired) return 'unknown';
  if (record.target.removed) return 'removed';
  if (isBlocked(record)) return 'blocked';
  if (record.desired.revision > record.handled) return 'open';
  const state = record.last?.state;
  return state === 'succeeded' || state === 'unchanged' ? undefined : (state ?? 'unknown');
}

function isBlocked({ desired, last, handled }: TargetRecord): boolean {
  if (!desired || desired.revision <= handled) return false;
  return last?.state === 'blocked' && last.revision === desired.revision;
}

function said(state: string, id: TargetId): string {
  if (state === 'unknown') return 'has never been deployed';
  if (state === 'removed') return `slipway.yaml of ${repositoryOf(id)} no longer has`;
  return state === 'open' ? 'is on its way' : `is ${state}`;
}

function whereToLook(id: TargetId): string | undefined {
  const parts = parseTargetId(id);
  if (!parts) return undefined;
  const { repository, app, environment } = parts;
  return `Check that slipway.yaml of ${repository} has app ${app} and environment ${environment}, and push it.`;
}

/** The rules of server.yaml may have changed since an intake has asked them. */
function refusal(target: Target, id: TargetId, { admission }: DependencyPorts): Unready | undefined {
  const other = repositoryOf(id);
  if (other === target.repository) return undefined;
  try {
    admission.admitDependency(target.repository, other);
    return undefined;
  } catch (thrown) {
    const { message, hint } = toSlipwayError(thrown);
    return { reason: `waits for ${relativeName(id, target)}: ${message}`, hint };
  }
}

/**
 * An intake refuses what would close a ring. Should one stand all the same (an intake died before it had written all
 * of its targets), nobody in it ever goes on: then that is the reason. Walks only along those that are blocked too.
 */
async function findBlockedCycle(target: Target, { releases }: DependencyPorts): Promise<Unready | undefined> {
  const edges = new Map([[target.id, target.dependsOn]]);
  for (let next = target.dependsOn; next.length > 0; ) {
    const records = await Promise.all(next.map((id) => releases.record(id)));
    for (const [i, id] of next.entries()) {
      const record = records[i];
      edges.set(id, record && isBlocked(record) ? record.target.dependsOn : []);
    }
    next = [...new Set(next.flatMap((id) => edges.get(id) ?? []))].filter((id) => !edges.has(id));
  }
  const cycle = findCycle([target.id], (id) => edges.get(id) ?? []);
  if (!cycle) return undefined;
  const names = [...cycle, ...cycle.slice(0, 1)].map((id) => relativeName(id, target));
  return {
    reason: `apps depend on one another in a cycle: ${names.join(' → ')}`,
    hint: 'Remove one of these dependencies from its slipway.yaml.',
  };
}
