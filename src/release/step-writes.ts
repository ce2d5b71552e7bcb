import type { Release } from '../model/release.ts';

/** Steps that take less time are not written, so most releases write only their end. */
const DELAY_MS = 100;

export interface StepWrites {
  /** Writes a copy of the release as it is now, after a delay; a newer one replaces it. */
  note(release: Release): void;
  /** Writes the release without a delay, in place of a delayed write. */
  now(release: Release): Promise<void>;
  /** Drops the delayed write, because the end of the release replaces it. Resolves when no write is in progress. */
  settled(): Promise<void>;
}

/** Writes steps in the background, so that the work on the cluster does not wait for Redis. */
export function createStepWrites(write: (release: Release) => Promise<unknown>): StepWrites {
  let newest: Release | undefined;
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    running = running.then(async () => {
      const release = newest;
      newest = undefined;
      if (release) await write(release);
    });
  };
  return {
    note(release) {
      newest = copyOf(release);
      timer ??= setTimeout(flush, DELAY_MS);
    },
    now(release) {
      newest = copyOf(release);
      flush();
      return running;
    },
    settled() {
      clearTimeout(timer);
      newest = undefined;
      return running;
    },
  };
}

function copyOf(release: Release): Release {
  return { ...release, times: { ...release.times } };
}
