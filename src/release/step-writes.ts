import type { Release } from '../model/release.ts';

/** Steps that take less time are not written, so most releases write only their end. */
const DELAY_MS = 100;

export interface StepWrites {
  /** Writes a copy of the release as it is now, after a delay; a newer one replaces it. */
  note(release: Release): void;
  /** Drops the delayed write, because the end of the release replaces it. Resolves when no write is in progress. */
  settled(): Promise<void>;
}

/** Writes steps in the background, so that the work on the cluster does not wait for Redis. */
export function createStepWrites(write: (release: Release) => Promise<unknown>): StepWrites {
  let newest: Release | undefined;
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();

  const flush = () => {
    timer = undefined;
    running = running.then(async () => {
      const release = newest;
      newest = undefined;
      if (release) await write(release);
    });
  };
  return {
    note(release) {
      newest = { ...release, times: { ...release.times } };
      timer ??= setTimeout(flush, DELAY_MS);
    },
    settled() {
      clearTimeout(timer);
      newest = undefined;
      return running;
    },
  };
}
