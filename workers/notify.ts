import type { Parts } from '../src/composition/parts.ts';
import { outsideOf } from '../src/composition/stores.ts';
import { createChannels } from '../src/notifications/channels.ts';
import { startDispatcher } from '../src/notifications/dispatcher.ts';
import { startWorker } from '../src/queue/worker.ts';
import { createLimiter } from '../src/release/limiter.ts';
import { createArrivals } from '../src/store/arrivals.ts';
import type { Service } from './runtime.ts';

const CONCURRENCY = 16;

/** Deliveries of an event channel that run at once. */
const DELIVERIES = 16;

/** Sends commit reports to the forges and release events to their channels; none of them delays another one. */
export function startNotifyWorker({ process, mirrors }: Pick<Parts, 'process' | 'mirrors'>): Service {
  const { config, keys, log, refused, wakeUps } = process;
  const channels = createChannels({ ...process, mirrors: mirrors() });
  const reporting = channels.filter((channel) => channel.trigger === 'commit-reports');
  const ending = new AbortController();
  const blocking = process.connect('worker');
  const arrivals = createArrivals(blocking, keys.events, ending.signal);
  const limiter = () => createLimiter(DELIVERIES);
  const dispatchers = channels
    .filter((channel) => channel.trigger === 'events')
    .map((channel) => startDispatcher(channel, { ...process, arrivals, limiter }));
  const worker = startWorker({
    name: 'notify',
    connection: process.redis,
    prefix: config.redis.prefix,
    outside: outsideOf(config),
    concurrency: CONCURRENCY,
    log,
    holdMs: async (key) =>
      Math.max(...(await Promise.all(reporting.map((channel) => channel.pausedMs(key))))),
    quarantine: {
      trials: process.trials,
      // Nobody but the operator can hear that a commit does not hear.
      giveUp: async () => undefined,
    },
    async run(key, signal) {
      for (const channel of reporting) await channel.update(key, signal);
    },
  });
  // A process that starts may have other credentials.
  const retried = refused.takeProbes('all').then((probes) => wakeUps.enqueueReports(probes));
  retried.catch((error: unknown) => log.warn({ reason: String(error) }, 'refused statuses not tried again'));
  return {
    name: 'notify',
    isRunning: worker.isRunning,
    async stop(graceMs) {
      ending.abort();
      blocking.disconnect();
      await Promise.all([worker, ...dispatchers].map((one) => one.stop(graceMs)));
    },
  };
}
