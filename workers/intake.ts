import type { Composition } from '../src/composition/composition.ts';
import { outsideOf } from '../src/composition/stores.ts';
import { giveUp, newestWebhook } from '../src/intake/give-up.ts';
import { intake } from '../src/intake/intake.ts';
import { poll } from '../src/intake/poll.ts';
import { sweep } from '../src/intake/sweep.ts';
import { startWorker } from '../src/queue/worker.ts';
import type { Service } from './runtime.ts';

/** Repositories of a forge that are looked at concurrently. */
const SLOTS = 8;

/** Those that wait for Git for long need no slot: a repository that hangs delays no other one. */
const CONCURRENCY = 100;

/** Of these, repositories of one project: a hundred that hang delay no other project. */
const CONCURRENCY_OF_PROJECT = 25;

const SWEEP_EVERY_MS = 30_000;

/** Looks at repositories that were enqueued, polls all of them, and recovers what crashes left. */
export function startIntakeWorker(composition: Composition): Service {
  const { config, log, metrics, projects } = composition;
  const ending = new AbortController();
  const worker = startWorker({
    name: 'intake',
    connection: composition.redis,
    prefix: config.redis.prefix,
    outside: outsideOf(config),
    concurrency: CONCURRENCY,
    slots: () => SLOTS,
    projects: { of: ({ repository }) => projects.projectOf(repository), most: CONCURRENCY_OF_PROJECT },
    log,
    quarantine: {
      trials: composition.trials,
      workOf: ({ repository }) => newestWebhook(repository, composition),
      giveUp: ({ repository }, error, _signal, tried) => giveUp(repository, error, tried, composition),
    },
    async run({ repository }, signal) {
      const timed = metrics.intakeSeconds.startTimer();
      const { result, targets } = await intake(repository, composition, signal);
      timed();
      metrics.intakes.inc({ result });
      log.info({ repository, result, targets }, 'intake ended');
    },
  });
  const loops = [
    poll(composition.pollOptions, composition, ending.signal),
    sweep(SWEEP_EVERY_MS, composition, ending.signal),
  ];
  return {
    name: 'intake',
    isRunning: worker.isRunning,
    async stop(graceMs) {
      ending.abort();
      await Promise.all([worker.stop(graceMs), ...loops]);
    },
  };
}
