import type { StageTimes } from '../model/release.ts';

/** Measures each stage of a release in milliseconds. A repeated stage adds to its time. */
export interface StageClock {
  readonly times: StageTimes;
  /** Ends the current stage and starts the next. */
  start(stage: keyof StageTimes): void;
  stop(): void;
}

export function createStageClock(times: StageTimes): StageClock {
  let stage: keyof StageTimes | undefined;
  let since = 0;
  const stop = () => {
    if (stage) times[stage] = round((times[stage] ?? 0) + performance.now() - since);
    stage = undefined;
  };
  return {
    times,
    stop,
    start(next) {
      stop();
      stage = next;
      since = performance.now();
    },
  };
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
