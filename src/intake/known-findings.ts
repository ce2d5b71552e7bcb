import { posix } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { RepositoryId, Target } from '../model/target.ts';
import { changedFiles } from './changed-files.ts';
import type { BranchFinding, FindingSource, KeyedTarget } from './finding.ts';

interface Known extends FindingSource {
  targets: KeyedTarget[];
  held: BranchFinding['held'];
  /** Folder → indexes of the targets that a change in it may affect. */
  byFolder: Map<string, Set<number>>;
  /** Indexes of targets whose content depends on more than the repository's files. */
  undecided: Set<number>;
}

/**
 * Keeps the last finding of each branch, so that a push to a repository of a thousand apps only looks at those that its
 * changed files may affect. It lives in memory; without it every app is looked at.
 */
export interface KnownFindings {
  /** The finding for a newer tree; undefined if every app has to be looked at. */
  carryOver(finding: BranchFinding, source: FindingSource, keys: Keys): Promise<BranchFinding | undefined>;
  keep(finding: BranchFinding, source: FindingSource, keys: Pick<Keys, 'decidedBy'>): void;
}

/** Content keys, from the renderer. */
interface Keys {
  keyOf(target: Target): Promise<string>;
  /** Only these folders decide the target's content; undefined: more than the repository's files does. */
  decidedBy(target: Target): readonly string[] | undefined;
}

/** Targets of all branches together; each takes about a kilobyte. */
const MOST_TARGETS = 50_000;

export function createKnownFindings(): KnownFindings {
  const known = new LRUCache<string, Known>({
    maxSize: MOST_TARGETS,
    sizeCalculation: ({ targets }) => Math.max(1, targets.length),
  });
  const keyOf = (repository: RepositoryId, branch: string) => JSON.stringify([repository, branch]);

  return {
    async carryOver(finding, source, { keyOf: rekey, decidedBy }) {
      const last = known.get(keyOf(source.repository, finding.branch));
      if (!last || last.own !== source.own || last.environments !== source.environments) return undefined;
      const changed = await changedFiles(last.tree, source.tree);
      if (!changed) return undefined;
      const concerned = concernedBy(changed, last);
      const targets = await Promise.all(
        last.targets.map(async ({ target, contentKey, policyKey }, index) => ({
          target,
          policyKey,
          commit: finding.commit,
          contentKey: concerned.has(index) ? await rekey(target) : contentKey,
        })),
      );
      Object.assign(last, { tree: source.tree, targets: [...targets] });
      // Folders that it no longer reaches stay in the index, at the cost of an occasional needless look.
      for (const index of concerned) {
        const one = targets[index];
        if (one) addTo(last, index, decidedBy(one.target));
      }
      return { ...finding, targets, held: [...last.held] };
    },
    keep(finding, source, { decidedBy }) {
      const kept: Known = {
        ...source,
        targets: [...finding.targets],
        held: [...finding.held],
        byFolder: new Map(),
        undecided: new Set(),
      };
      for (const [index, { target }] of finding.targets.entries()) addTo(kept, index, decidedBy(target));
      known.set(keyOf(source.repository, finding.branch), kept);
    },
  };
}

function addTo({ byFolder, undecided }: Known, index: number, folders: readonly string[] | undefined): void {
  if (!folders) undecided.add(index);
  for (const folder of folders ?? []) {
    const indexes = byFolder.get(folder) ?? new Set();
    byFolder.set(folder, indexes.add(index));
  }
}

function concernedBy(changed: string[], { byFolder, undecided }: Known): Set<number> {
  const concerned = new Set(undecided);
  for (const path of changed) {
    for (let folder = posix.dirname(path); ; folder = posix.dirname(folder)) {
      for (const index of byFolder.get(folder) ?? []) concerned.add(index);
      if (folder === '.') break;
    }
  }
  return concerned;
}
