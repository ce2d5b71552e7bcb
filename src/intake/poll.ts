import { setTimeout as sleep } from 'node:timers/promises';
import type { ConfigReader } from '../config/config-reader.ts';
import { followedBranches } from '../config/resolve-targets.ts';
import { toSlipwayError } from '../errors.ts';
import { parseTargetId, type RepositoryId, splitRepository } from '../model/target.ts';
import type { NewDelivery } from '../ports/deliveries.ts';
import type { RemoteHeads } from '../ports/git.ts';
import type { RepositoryState } from '../ports/repositories.ts';
import { lastGoodConfig } from './heads.ts';
import type { IntakePorts } from './ports.ts';

export interface PollOptions {
  intervalMs: number;
  /** Repositories that server.yaml names without a pattern. */
  literal: RepositoryId[];
  /** Clusters whose inventories are searched for repositories. */
  clusters: string[];
  /** Why no project allows a repository; undefined if one does. */
  whyNotAllowed: (repository: RepositoryId) => string | undefined;
}

/**
 * The safety net for lost webhooks: reads the branch heads of every known repository, once at the start and then once an
 * interval, spread over it. Records a delivery for each head that no webhook announced. Ends when `signal` aborts.
 */
export async function poll(options: PollOptions, ports: IntakePorts, signal: AbortSignal): Promise<void> {
  const known = new Set<RepositoryId>();
  for (let round = 0; !signal.aborted; round += 1) {
    // The clusters are asked again after Redis was emptied: they know repositories that nobody has pushed to since.
    const fresh = await ports.repositories.isFresh().catch(() => false);
    await learn(known, options, ports, round === 0 || fresh);
    const all = [...known];
    // All at once at the start, then one after the other, spread over the interval.
    const share = round === 0 ? 0 : options.intervalMs / Math.max(1, all.length);
    for (const repository of all) {
      await rest(share, signal);
      if (signal.aborted) return;
      // Every process looks at all of them when it starts: a change made while none ran must not wait an interval.
      const mine = round === 0 || (await startLook(repository, options, ports));
      if (mine) await lookOnce(repository, round === 0, ports, signal);
    }
    if (all.length === 0) await rest(options.intervalMs, signal);
  }
}

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);
}

/** Adds the repositories that Redis and the clusters know. None is forgotten while the process runs. */
async function learn(
  known: Set<RepositoryId>,
  options: PollOptions,
  { deliveries, clusters, log }: IntakePorts,
  askClusters: boolean,
): Promise<void> {
  const found = [...options.literal];
  try {
    found.push(...(await deliveries.repositories()));
  } catch (error) {
    log.warn({ reason: toSlipwayError(error).message }, 'known repositories not read');
  }
  for (const name of askClusters ? options.clusters : []) {
    try {
      const records = await clusters.get(name).targets();
      found.push(...records.flatMap(({ target }) => parseTargetId(target)?.repository ?? []));
    } catch (error) {
      log.warn({ cluster: name, reason: toSlipwayError(error).message }, 'targets of a cluster not read');
    }
  }
  for (const repository of found) if (options.whyNotAllowed(repository) === undefined) known.add(repository);
}

async function startLook(repository: RepositoryId, { intervalMs }: PollOptions, ports: IntakePorts) {
  // Slightly less than the interval, so that the lock of the last round does not refuse the next one.
  return ports.repositories.takePoll(repository, intervalMs * 0.9).catch(() => false);
}

/** Never throws: if a forge is down, that is logged, and the next round asks it again. */
async function lookOnce(
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
