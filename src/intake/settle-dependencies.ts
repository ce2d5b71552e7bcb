import { lineOfDependency } from '../config/dependency.ts';
import { SlipwayError } from '../errors.ts';
import { findCycle } from '../model/cycle.ts';
import {
  type RepositoryId,
  relativeName,
  repositoryOf,
  type Target,
  type TargetId,
} from '../model/target.ts';
import type { DependencyStore, Edges, EdgesWritten, Seen } from '../ports/dependencies.ts';
import type { BranchFinding } from './finding.ts';
import { CONFIG_FILE } from './heads.ts';

export interface Settled extends EdgesWritten {
  /** Invalid if their dependencies would close a cycle. */
  findings: BranchFinding[];
  /** Targets whose dependencies changed. */
  changed: ReadonlySet<TargetId>;
}

interface View {
  repository: RepositoryId;
  seen: Seen;
  /** Edges of this repository, as stored. */
  stored: Edges;
  /** Edges of other repositories, as far as they were read. */
  others: Edges;
}

/**
 * Writes the dependencies of the findings' targets. A branch that would close a dependency cycle, also one across
 * repositories, is refused as a whole, like a branch with an invalid file, and its stored dependencies stay. Undefined:
 * a later intake has written.
 */
export async function settleDependencies(
  repository: RepositoryId,
  sequence: number,
  findings: BranchFinding[],
  store: DependencyStore,
  signal: AbortSignal,
): Promise<Settled | undefined> {
  for (;;) {
    signal.throwIfAborted();
    const seen: Seen = new Map();
    const stored = await store.ofRepository(repository, seen);
    const view: View = { repository, seen, stored, others: new Map() };
    const { changed, refused } = await refuseCycles(findings, view, store);
    const through = [...refused.values()].flatMap(({ cycle }) => cycle.map(repositoryOf));
    const refusedBy = [...new Set(through)].filter((other) => other !== repository);
    const written = await store.write({ repository, sequence, seen, changed, refusedBy });
    if (written === 'late') return undefined;
    // Another repository was faster. Each failed attempt is a successful one there, so this terminates.
    if (written === 'moved') continue;
    const settled = findings.map((one) => ({ ...one, invalid: refused.get(one)?.error ?? one.invalid }));
    return { ...written, findings: settled, changed: new Set(changed.keys()) };
  }
}

interface Refused {
  cycle: TargetId[];
  error: SlipwayError;
}

/** Refuses one branch after the other until the rest closes no cycle. */
async function refuseCycles(findings: BranchFinding[], view: View, store: DependencyStore) {
  const refused = new Map<BranchFinding, Refused>();
  for (;;) {
    const changed = changesOf(findings, refused, view);
    const cycle = await closedCycle(changed, view, store);
    const finding = cycle && findings.find((one) => targetIn(one, cycle[0] ?? ''));
    if (!finding) return { changed, refused };
    refused.set(finding, { cycle, error: cycleError(cycle, finding) });
  }
}

function changesOf(findings: BranchFinding[], refused: Map<BranchFinding, Refused>, { stored }: View): Edges {
  const changed: Edges = new Map();
  for (const finding of findings) {
    if (finding.invalid || refused.has(finding)) continue;
    for (const { target } of finding.targets) {
      const before = stored.get(target.id) ?? [];
      if (before.join(' ') !== target.dependsOn.join(' ')) changed.set(target.id, target.dependsOn);
    }
  }
  return changed;
}

/** A cycle that the changes would close, starting at the target whose new dependency closes it. */
async function closedCycle(
  changed: Edges,
  view: View,
  store: DependencyStore,
): Promise<TargetId[] | undefined> {
  await lookAlong(changed, view, store);
  const cycle = findCycle(changed.keys(), (id) => edgesOf(id, changed, view));
  if (!cycle) return undefined;
  const at = cycle.findIndex((id, i) => {
    const next = cycle[(i + 1) % cycle.length] ?? id;
    return changed.has(id) && !view.stored.get(id)?.includes(next);
  });
  // If there is none, the cycle existed before this commit; the releases in it report it.
  return at < 0 ? undefined : [...cycle.slice(at), ...cycle.slice(0, at)];
}

function edgesOf(id: TargetId, changed: Edges, { stored, others }: View): TargetId[] {
  return changed.get(id) ?? stored.get(id) ?? others.get(id) ?? [];
}

/** Reads the reachable edges of other repositories, one round trip per step. */
async function lookAlong(changed: Edges, view: View, store: DependencyStore): Promise<void> {
  const known = new Set<TargetId>();
  for (let next = [...changed.keys()]; next.length > 0; ) {
    for (const id of next) known.add(id);
    const unread = next.filter((id) => repositoryOf(id) !== view.repository && !view.others.has(id));
    const read = await store.of(unread, view.seen);
    for (const id of unread) view.others.set(id, read.get(id) ?? []);
    const reached = new Set(next.flatMap((id) => edgesOf(id, changed, view)));
    next = [...reached].filter((id) => !known.has(id));
  }
}

function targetIn({ targets }: BranchFinding, id: TargetId): Target | undefined {
  return targets.find(({ target }) => target.id === id)?.target;
}

function cycleError(cycle: TargetId[], finding: BranchFinding): SlipwayError {
  const [first = '', next = first] = cycle;
  const target = targetIn(finding, first);
  const names = [...cycle, first].map((id) => (target ? relativeName(id, target) : id));
  const others = [...new Set(cycle.map(repositoryOf))].filter((other) => other !== target?.repository);
  const elsewhere = others.length > 0 ? `, here or in slipway.yaml of ${others.join(' or ')}` : '';
  const line = target && finding.config && lineOfDependency(finding.config, target, next);
  return new SlipwayError('CONFIG_INVALID', `apps depend on one another in a cycle: ${names.join(' → ')}`, {
    place: { file: CONFIG_FILE, line },
    hint: `Remove one of these dependencies${elsewhere}.`,
  });
}
