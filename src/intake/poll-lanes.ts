import pLimit, { type LimitFunction } from 'p-limit';
import { type RepositoryId, splitRepository } from '../model/target.ts';

/** Looks at some repositories of each forge concurrently; no forge waits for another one. */
export class PollLanes {
  private readonly perForge: number;
  private readonly lanes = new Map<string, LimitFunction>();
  private readonly looks = new Map<RepositoryId, Promise<void>>();

  constructor(perForge: number) {
    this.perForge = perForge;
  }

  /** Looks when a lane of the forge is free; does nothing while the last look at this repository waits or has not ended. */
  add(repository: RepositoryId, look: () => Promise<void>): void {
    if (this.looks.has(repository)) return;
    const ended = this.laneOf(repository)(look).finally(() => this.looks.delete(repository));
    this.looks.set(repository, ended);
  }

  /** Resolves when all looks have ended. */
  async end(): Promise<void> {
    await Promise.all(this.looks.values());
  }

  private laneOf(repository: RepositoryId): LimitFunction {
    const { forge } = splitRepository(repository);
    const lane = this.lanes.get(forge) ?? pLimit(this.perForge);
    this.lanes.set(forge, lane);
    return lane;
  }
}
