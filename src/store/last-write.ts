import { LRUCache } from 'lru-cache';
import type { RepositoryId, TargetId } from '../model/target.ts';
import type { Found } from '../ports/desired.ts';

interface Write {
  /** Sequence number that Redis names as the last whole write, while nobody else has written. */
  sequence: string;
  written: Map<TargetId, Pick<Found, 'target' | 'contentKey' | 'policyKey'>>;
}

/** What this process wrote last for each repository, so that what has not moved since is not written again. */
export interface LastWrites {
  /** What may differ from the write that Redis names, and all that is not well. Undefined: that was somebody else's. */
  differing(repository: RepositoryId, found: Found[], at: Standing): Found[] | undefined;
  keep(repository: RepositoryId, found: Found[], sequence: number): void;
}

export interface Standing {
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
        // The intake hands on the very target where nothing of it changed.
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
