import { setTimeout as sleep } from 'node:timers/promises';
import { toSlipwayError } from '../errors.ts';
import { parseTargetId, type RepositoryId } from '../model/target.ts';
import type { Limiter } from '../ports/limiter.ts';
import { PollLanes } from './poll-lanes.ts';
import { lookForMissed } from './poll-look.ts';
import type { IntakePorts } from './ports.ts';

export interface PollOptions {
  intervalMs: number;
  /** Repositories that server.yaml names without a pattern. */
  literal: RepositoryId[];
  /** Limits how many repositories of one forge a process looks at concurrently. */
  createLane: () => Limiter;
  /** Clusters whose inventories are searched for repositories. */
  clusters: string[];
  /** Why no project allows a repository; undefined if one does. */
  whyNotAllowed: (repository: RepositoryId) => string | undefined;
}

/**
 * The safety net for lost webhooks: reads the branch heads of every known repository, at once at the start and then once an
 * interval, spread over it. Records a delivery for each head that no webhook announced. A repository that hangs occupies
 * one of its forge's lanes and delays neither the rest of the round nor the next one. Ends when `signal` aborts.
 */
export async function poll(options: PollOptions, ports: IntakePorts, signal: AbortSignal): Promise<void> {
  const known = new Set<RepositoryId>();
  const lanes = new PollLanes(options.createLane, ports.projects.projectOf, signal);
  for (let round = 0; !signal.aborted; round += 1) {
    const startedAt = performance.now();
    // The clusters are asked again after Redis was emptied: they know repositories that nobody has pushed to since.
    const fresh = await ports.repositories.isFresh().catch(() => false);
    await learn(known, options, ports, round === 0 || fresh);
    const all = [...known];
    const share = round === 0 ? 0 : options.intervalMs / Math.max(1, all.length);
    for (const [index, repository] of all.entries()) {
      // By the clock, and not one share after the other: the time that each look takes to start must not add up.
      await rest(startedAt + (index + 1) * share - performance.now(), signal);
      if (signal.aborted) break;
      lanes.add(repository, async () => {
        // Every process looks at all of them when it starts: a change made while none ran must not wait an interval.
        const mine = round === 0 || (await startLook(repository, options, ports));
        if (mine) await lookForMissed(repository, round === 0, ports, signal);
      });
    }
    if (all.length === 0) await rest(options.intervalMs, signal);
  }
  await lanes.end();
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
