import { toSlipwayError } from '../errors.ts';
import { findCycle } from '../model/cycle.ts';
import type { Notice } from '../model/notice.ts';
import { parseTargetId, relativeName, repositoryOf, type Target, type TargetId } from '../model/target.ts';
import type { ReleaseStore, TargetRecord } from '../ports/releases.ts';
import type { ReleasePorts } from './ports.ts';

type DependencyPorts = Pick<ReleasePorts, 'admission'> & { releases: Pick<ReleaseStore, 'record'> };

/** Why the target must wait; undefined if all its dependencies run as desired. */
export async function unreadyDependency(target: Target, ports: DependencyPorts): Promise<Notice | undefined> {
  for (const id of target.dependsOn) {
    const refused = refusal(target, id, ports);
    if (refused) return refused;
    const record = await ports.releases.record(id);
    const state = stateOf(record);
    if (state === undefined) continue;
    const cycle = state === 'blocked' ? await findBlockedCycle(target, ports) : undefined;
    if (cycle) return cycle;
    const summary = `waits for ${relativeName(id, target)}, which ${describeState(state, id)}`;
    return { kind: 'waiting', summary, hint: record ? undefined : whereToLook(id) };
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

function describeState(state: string, id: TargetId): string {
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

/** The rules of server.yaml may have changed since the intake checked them. */
function refusal(target: Target, id: TargetId, { admission }: DependencyPorts): Notice | undefined {
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
 * An intake refuses a branch that would close a dependency cycle. If there is one all the same (an intake died before
 * it had written all of its targets), none of its targets ever continues, and the cycle is the reason. Follows only
 * targets that are blocked too.
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
