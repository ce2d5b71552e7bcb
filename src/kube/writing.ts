import type { ApplyOptions } from '../ports/cluster.ts';
import type { Writing } from './apply-object.ts';
import { watchFence } from './fence-watch.ts';

/** A run that is told of no waits of its own waits in place, until it is ended. */
export function writingOf({ signal, fence, dryRun = false, waits }: ApplyOptions): Writing {
  const inPlace = { signal, aside: <T>(wait: () => Promise<T>) => wait() };
  return { signal, dryRun, fence: watchFence(fence, signal), waits: waits ?? inPlace };
}
