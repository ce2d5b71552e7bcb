import { flowOf } from '../model/flow.ts';
import { type RepositoryId, splitRepository } from '../model/target.ts';
import type { Limiter } from '../ports/limiter.ts';
import type { Projects } from '../ports/projects.ts';

/**
 * Looks at some repositories of each forge concurrently; no forge waits for another one. Projects take turns, so that one
 * whose repositories hang delays another one by no more than the looks under way.
 */
export class PollLanes {
  private readonly createLane: () => Limiter;
  private readonly projectOf: Projects['projectOf'];
  private readonly signal: AbortSignal;
  private readonly lanes = new Map<string, Limiter>();
  private readonly looks = new Map<RepositoryId, Promise<void>>();

  /** @param signal ends the wait for a lane */
  constructor(createLane: () => Limiter, projectOf: Projects['projectOf'], signal: AbortSignal) {
    this.createLane = createLane;
    this.projectOf = projectOf;
    this.signal = signal;
  }

  /** Looks when a lane of the forge is free; does nothing while the last look at this repository waits or has not ended. */
  add(repository: RepositoryId, look: () => Promise<void>): void {
    if (this.looks.has(repository)) return;
    const ended = this.inTurn(repository, look).finally(() => this.looks.delete(repository));
    this.looks.set(repository, ended);
  }

  /** Resolves when all looks have ended. */
  async end(): Promise<void> {
    await Promise.all(this.looks.values());
  }

  private async inTurn(repository: RepositoryId, look: () => Promise<void>): Promise<void> {
    const flow = flowOf(this.projectOf(repository));
    const leave = await this.laneOf(repository)
      .acquire(flow, this.signal)
      .catch(() => undefined);
    if (leave) await look().finally(leave);
  }

  private laneOf(repository: RepositoryId): Limiter {
    const { forge } = splitRepository(repository);
    const lane = this.lanes.get(forge) ?? this.createLane();
    this.lanes.set(forge, lane);
    return lane;
  }
}
