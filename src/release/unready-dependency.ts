import { toSlipwayError } from '../errors.ts';
import { findCycle } from '../model/cycle.ts';
import type { Notice } from '../model/notice.ts';
import { parseTargetId, relativeName, repositoryOf, type Target, type TargetId } from '../model/target.ts';
import type { ReleaseStore, TargetRecord } from '../ports/releases.ts';
import type { ReleasePorts } from './ports.ts';

type DependencyPorts = Pick<ReleasePorts, 'admission'> & { releases: Pick<ReleaseStore, 'record'> };

/** Why the target has to wait. Undefined if all its dependencies run as desired. */
export async function unreadyDependency(target: Target, ports: DependencyPorts): Promise<Notice | undefined> {
  for (const id of target.dependsOn) {
    const refused = admissionRefusal(target, id, ports);
    if (refused) return refused;
    const record = await ports.releases.record(id);
    const state = stateOf(record);
    if (state === undefined) continue;
    const cycle = state === 'blocked' ? await findBlockedCycle(target, ports) : undefined;
    if (cycle) return cycle;
    const summary = `waits for ${relativeName(id, target)}, which ${describeState(state, id)}`;
    return { kind: 'waiting', summary, hint: record ? undefined : hintForUnknown(id) };
  }
  return undefined;
}

/** Undefined if the target runs as desired. */
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

function describeState(state: string, id: TargetId): string {
  if (state === 'unknown') return 'has never been deployed';
  if (state === 'removed') return `slipway.yaml of ${repositoryOf(id)} no longer has`;
  if (state === 'open') return 'is in progress';
  return state === 'failed' ? 'has failed' : `is ${state}`;
}

function hintForUnknown(id: TargetId): string | undefined {
  const parsed = parseTargetId(id);
  if (!parsed) return undefined;
  const { repository, app, environment } = parsed;
  return `Check that slipway.yaml of ${repository} has app ${app} and environment ${environment}, and push it.`;
}

/** The rules of server.yaml may have changed since the intake checked the dependency. */
function admissionRefusal(target: Target, id: TargetId, { admission }: DependencyPorts): Notice | undefined {
  const other = repositoryOf(id);
  if (other === target.repository) return undefined;
  try {
    admission.admitDependency(target.repository, other);
    return undefined;
  } catch (thrown) {
    const { message, hint } = toSlipwayError(thrown);
    return { kind: 'waiting', summary: `waits for ${relativeName(id, target)}: ${message}`, hint };
  }
}

/**
 * Intakes refuse branches that would close a dependency cycle. A cycle can still exist if an intake crashed before it had
 * written all of its targets. None of these targets ever continues, so the notice names the cycle. Follows only blocked
 * targets.
 */
async function findBlockedCycle(target: Target, { releases }: DependencyPorts): Promise<Notice | undefined> {
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
    kind: 'waiting',
    summary: `apps depend on one another in a cycle: ${names.join(' → ')}`,
    hint: 'Remove one of these dependencies from its slipway.yaml.',
  };
}
