import type { Logger } from '../telemetry/logger.ts';
import { createJobRoom } from './job-room.ts';
import { fieldOf, type Suspect, type Suspects } from './suspects.ts';

/** Processes that a job may kill. The last of these deaths is one at which it ran alone. */
const MOST_DEATHS = 3;

/** A job that has run for so long has proved that it does not kill its process. */
const LIVED_MS = 20_000;

/** Milliseconds for which the suspects that other processes have found may be unknown here. */
const LOOK_MS = 1_000;

export interface Candidate {
  queue: string;
  name: string;
  /** Whether a process died, or seemed to, while it had this job. */
  stalled: boolean;
  /** Names what the job would work on now; empty: nothing that came since it last began. */
  workOf: () => Promise<string>;
}

export type Trial = Quarantine | Run;

interface Quarantine {
  verdict: 'quarantined';
  deaths: number;
  /** What the processes died over, as `workOf` names it. */
  tried: string;
  /** Whether it was not in quarantine until now. */
  isNew: boolean;
}

interface Run {
  verdict: 'runs';
  /** From here on the job only waits: it has proved that it does not kill its process. */
  survive(): void;
  /** The job has ended, in whatever way: its process lives. */
  end(): Promise<void>;
}

/** Decides before a job begins whether it runs, runs alone, or is in quarantine. One per process. */
export interface Trials {
  /** Whether a worker may take a job now. */
  isOpen(): boolean;
  /** Resolves when that may have changed. */
  change(): Promise<void>;
  /** Resolves when the job may begin. If no worker has died, it costs one round trip a second. */
  begin(job: Candidate, signal: AbortSignal): Promise<Trial>;
}

export function createTrials(suspects: Suspects, log: Logger, livedMs = LIVED_MS): Trials {
  const room = createJobRoom(livedMs);
  let known = new Set<string>();
  let lookedAt = -Infinity;
  let looking = Promise.resolve();

  /** The name of a job outlives the job in Redis: a wake-up may replace it. */
  function look(): Promise<void> {
    if (performance.now() - lookedAt < LOOK_MS) return looking;
    lookedAt = performance.now();
    looking = suspects.all().then(
      (all) => {
        known = new Set(all.map(({ queue, name }) => fieldOf(queue, name)));
      },
      (error: unknown) => log.debug({ reason: String(error) }, 'suspects not read'),
    );
    return looking;
  }

  async function beginOrdinary(signal: AbortSignal): Promise<Run> {
    const leave = await room.enter(false, signal);
    return { verdict: 'runs', survive: leave, end: async () => leave() };
  }

  async function beginSuspect(job: Candidate, signal: AbortSignal): Promise<Trial> {
    const { queue, name, workOf } = job;
    const [before, work] = await Promise.all([suspects.find(queue, name), workOf()]);
    if (!before && !job.stalled) return beginOrdinary(signal);
    const deaths = deathsOf(before);
    const isTried = work === '' || work === before?.work;
    if (before && isTried && deaths >= MOST_DEATHS) {
      const isNew = !before.quarantined;
      if (isNew) await suspects.write({ ...before, deaths, quarantined: true });
      return { verdict: 'quarantined', deaths, tried: before.work, isNew };
    }
    const leave = await room.enter(deaths >= MOST_DEATHS - 1, signal);
    await suspects.write({ queue, name, deaths, work, quarantined: false }).catch((error: unknown) => {
      leave();
      throw error;
    });
    return suspectRun(leave, async () => {
      await suspects.forget(queue, name);
      known.delete(fieldOf(queue, name));
    });
  }

  function suspectRun(leave: () => void, forget: () => Promise<void>): Run {
    let forgotten: Promise<void> | undefined;
    const end = () => {
      clearTimeout(timer);
      leave();
      forgotten ??= forget().catch((error: unknown) =>
        log.warn({ reason: String(error) }, 'suspect not cleared'),
      );
      return forgotten;
    };
    const timer = setTimeout(() => void end(), livedMs);
    return { verdict: 'runs', survive: () => void end(), end };
  }

  return {
    isOpen: room.isOpen,
    change: room.change,
    async begin(job, signal) {
      await look();
      if (job.stalled || known.has(fieldOf(job.queue, job.name))) return beginSuspect(job, signal);
      return beginOrdinary(signal);
    },
  };
}

/** Its last run was not survived, unless it is in quarantine: then that run is counted already. */
function deathsOf(before: Suspect | undefined): number {
  if (!before) return 1;
  return before.quarantined ? before.deaths : before.deaths + 1;
}
