import { type OpenState, type Repetition, stageRank } from '../model/release.ts';

/** How far the attempts of a release have come, in this process and in those before it. */
export interface RepetitionState {
  /**
   * An attempt has reached the stage. False: an attempt that failed had come as far, so the release keeps saying why
   * it failed. Else its statuses would alternate as long as it is repeated.
   */
  reach(stage: OpenState): boolean;
  /** An attempt has failed with what may pass. The first call starts the time. */
  failed(): Repetition;
}

/** `before`: as it was recorded, by a process that repeated the release until it stopped. */
export function createRepetition(before: Repetition | undefined): RepetitionState {
  let since = before && performance.now();
  let reached: OpenState = before?.reached ?? 'queued';
  return {
    reach(stage) {
      const isLater = stageRank(stage) > stageRank(reached);
      if (isLater) reached = stage;
      return isLater || since === undefined;
    },
    failed() {
      since ??= performance.now();
      return { ms: Math.round((before?.ms ?? 0) + performance.now() - since), reached };
    },
  };
}
