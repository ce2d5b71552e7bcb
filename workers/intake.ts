import { intake } from '../src/intake/intake.ts';
import { poll } from '../src/intake/poll.ts';
import { sweep } from '../src/intake/sweep.ts';
import type { Parts } from '../src/parts/parts.ts';
import { startWorker } from '../src/queue/worker.ts';
import type { Service } from './runtime.ts';

/** Looks at this many repositories at once; each is mostly waiting for Git. */
const CONCURRENCY = 8;
const SWEEP_EVERY_MS = 30_000;

/** Looks at repositories whose bell rang, polls all of them, and sweeps up after crashes. */
export function startIntakeWorker(parts: Parts): Service {
  const { config, log, metrics } = parts;
  const ending = new AbortController();
  const worker = startWorker({
    name: 'intake',
    connection: parts.redis,
    prefix: config.redis.prefix,
    concurrency: CONCURRENCY,
    log,
    async run({ repository }, signal) {
      const timed = metrics.intakeSeconds.startTimer();
      const { result, targets } = await intake(repository, parts, signal);
      timed();
      metrics.intakes.inc({ result });
      log.info({ repository, result, targets }, 'intake ended');
    },
  });
  const loops = [poll(parts.pollOptions, parts, ending.signal), sweep(SWEEP_EVERY_MS, parts, ending.signal)];
  return {
    name: 'intake',
    isRunning: worker.isRunning,
    async stop(graceMs) {
      ending.abort();
      await Promise.all([worker.stop(graceMs), ...loops]);
    },
  };
}
