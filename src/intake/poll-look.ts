import type { ConfigReader } from '../config/config-reader.ts';
import { followedBranches } from '../config/resolve-targets.ts';
import { toSlipwayError } from '../errors.ts';
import { type RepositoryId, splitRepository } from '../model/target.ts';
import type { NewDelivery } from '../ports/deliveries.ts';
import type { RemoteHeads } from '../ports/git.ts';
import type { RepositoryState } from '../ports/repositories.ts';
import { lastGoodConfig } from './heads.ts';
import type { IntakePorts } from './ports.ts';

/**
 * Compares the heads of a repository with those of its last intake, and enqueues an intake if they differ, or in any case
 * with `always`. Never throws: if a forge is down, that is logged, and the next round asks it again.
 */
export async function lookForMissed(
  repository: RepositoryId,
  always: boolean,
  ports: IntakePorts,
  signal: AbortSignal,
): Promise<void> {
  try {
    const [heads, before] = await Promise.all([
      ports.mirrors.open(repository).heads(signal),
      ports.repositories.read(repository),
    ]);
    if ((await missedRefs(heads, before, ports.configs)).length > 0) {
      // An intake may have ended while the forge was asked: only what is still missing was missed.
      const waiting = await ports.deliveries.claim(repository);
      const state = await ports.repositories.read(repository);
      const missed = await missedRefs(heads, state, ports.configs);
      const unannounced = missed.filter(({ ref }) => !waiting.some((delivery) => delivery.ref === ref));
      await ports.deliveries.accept(unannounced.map((ref) => finding(repository, ref, state)));
      await ports.wakeUps.enqueueIntake([repository]);
    } else if (always || isSwitched(heads, before)) {
      // Other rules in server.yaml, or another version of Slipway, may move what no push has touched.
      await ports.repositories.requestLook([repository]);
      await ports.wakeUps.enqueueIntake([repository]);
    }
  } catch (error) {
    if (signal.aborted) return;
    const { code, message } = toSlipwayError(error);
    ports.log.warn({ repository, code, reason: message }, 'poll failed');
  }
}

interface MissedRef {
  ref: string;
  commit: string;
}

function isSwitched({ defaultBranch }: RemoteHeads, state: RepositoryState | undefined): boolean {
  return defaultBranch !== '' && state?.defaultBranch !== undefined && defaultBranch !== state.defaultBranch;
}

/** Followed branches whose head has changed since the last look. */
async function missedRefs(
  heads: RemoteHeads,
  state: RepositoryState | undefined,
  configs: ConfigReader,
): Promise<MissedRef[]> {
  const config = await lastGoodConfig(state, configs);
  const followed = new Set([heads.defaultBranch, ...(config ? followedBranches(config) : [])]);
  return [...followed].flatMap((branch) => {
    const commit = heads.branches.get(branch);
    if (commit === undefined || state?.heads[branch] === commit) return [];
    return [{ ref: `refs/heads/${branch}`, commit }];
  });
}

/** Every process gives the same finding the same id, so it is recorded once. */
function finding(
  repository: RepositoryId,
  { ref, commit }: MissedRef,
  state: RepositoryState | undefined,
): NewDelivery {
  const { forge } = splitRepository(repository);
  return {
    id: `${forge}:poll-${repository}-${ref}-${commit}`,
    kind: 'poll',
    forge,
    event: state ? 'poll: no webhook announced this head' : 'poll: first look at this repository',
    repository,
    ref,
    commit,
    receivedAt: Date.now(),
    known: true,
  };
}
