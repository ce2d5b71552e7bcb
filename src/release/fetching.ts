import type { Mirror } from '../ports/git.ts';
import type { Permit } from '../ports/limiter.ts';

/** What a release reads of mirrors. Some of it may have to be fetched first. */
export interface ReleaseMirrors {
  open(repository: string): Pick<Mirror, 'has' | 'ensure' | 'tree' | 'messages'>;
}

/**
 * The mirrors for a release that holds a permit of its cluster: it gives the permit back while it fetches, since a forge
 * that hangs must not hold up the other releases of the cluster.
 *
 * @param waiting ends a fetch for which nobody waits any more
 */
export function fetchingWithoutPermit(
  mirrors: ReleaseMirrors,
  { whileReleased }: Pick<Permit, 'whileReleased'>,
  waiting: AbortSignal,
): ReleaseMirrors {
  return {
    open(repository) {
      const mirror = mirrors.open(repository);
      return {
        has: (commit) => mirror.has(commit),
        tree: (commit) => mirror.tree(commit),
        async ensure(commit, signal = waiting) {
          if (await mirror.has(commit)) return;
          await whileReleased(() => mirror.ensure(commit, signal));
        },
        // It follows the history as far as it must, and only fetching shows how far that is.
        messages: (commit, since) => whileReleased(() => mirror.messages(commit, since)),
      };
    },
  };
}
