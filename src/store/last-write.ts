import { LRUCache } from 'lru-cache';
import type { RepositoryId, TargetId } from '../model/target.ts';
import type { Found } from '../ports/desired.ts';

interface Write {
  /** Its sequence number: Redis holds it as that of the last whole write until another process writes. */
  sequence: string;
  written: Map<TargetId, Pick<Found, 'target' | 'contentKey' | 'policyKey'>>;
}

/** What this process wrote last for each repository, so that it need not write again what has not changed since. */
export interface LastWrites {
  /** What may differ from the last whole write, and all unwell targets. Undefined: another process made that write. */
  differing(repository: RepositoryId, found: Found[], at: LastWrite): Found[] | undefined;
  keep(repository: RepositoryId, found: Found[], sequence: number): void;
}

export interface LastWrite {
  /** Sequence number of the last whole write; null: there was none. */
  whole: string | null;
  unwell: ReadonlySet<TargetId>;
}

/** Targets of all repositories together. */
const MOST_TARGETS = 50_000;

export function createLastWrites(): LastWrites {
  const writes = new LRUCache<RepositoryId, Write>({
    maxSize: MOST_TARGETS,
    sizeCalculation: ({ written }) => Math.max(1, written.size),
  });
  return {
    differing(repository, found, { whole, unwell }) {
      const last = writes.get(repository);
      if (!last || last.sequence !== whole) return undefined;
      return found.filter(({ target, contentKey, policyKey }) => {
        const before = last.written.get(target.id);
        // The intake passes the same object for a target that has not changed.
        if (unwell.has(target.id) || before?.target !== target) return true;
        return before.contentKey !== contentKey || before.policyKey !== policyKey;
      });
    },
    keep(repository, found, sequence) {
      const written = new Map(
        found.map(
          ({ target, contentKey, policyKey }) => [target.id, { target, contentKey, policyKey }] as const,
        ),
      );
      writes.set(repository, { sequence: String(sequence), written });
    },
  };
}
