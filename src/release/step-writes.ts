import type { Release } from '../model/release.ts';

/** A step that is over sooner is not worth a write: most releases then write only their end. */
const AFTER_MS = 100;

export interface StepWrites {
  /** Takes the release as it is now. */
  note(release: Release): void;
  /** What waits is dropped, since the end says more; resolves when nothing is under way. */
  settled(): Promise<void>;
}

/** Steps are written while the work goes on, so that Redis is not in the way of the cluster. The newest one wins. */
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
      timer ??= setTimeout(flush, AFTER_MS);
    },
    settled() {
      clearTimeout(timer);
      newest = undefined;
      return running;
    },
  };
}
