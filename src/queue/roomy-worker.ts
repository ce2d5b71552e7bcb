import { type Job, Worker } from 'bullmq';
import type { Place, Room } from './room.ts';

/**
 * A worker that asks Redis for a job only while there is room for one. BullMQ's own concurrency counts jobs that
 * wait for hours like jobs that work, so that the first process would take all jobs and leave the others idle.
 * `moveToActive`, `handleCompleted` and `handleFailed` are the places of BullMQ 6 where a job is taken.
 */
export class RoomyWorker<Data> extends Worker<Data> {
  private room: Room | undefined;
  /** Jobs that were taken and have not begun. */
  private readonly taken = new Set<string | undefined>();

  /** Starts to take jobs; for a worker that was made with `autorun: false`. */
  start(room: Room | undefined): Promise<void> {
    this.room = room;
    return this.run();
  }

  /** The job begins to work. */
  begin(job: Job<Data>): Place | undefined {
    this.forget(job);
    return this.room?.take();
  }

  protected override async moveToActive(token: string, name?: string): Promise<Job<Data>> {
    const { room } = this;
    if (!room) return super.moveToActive(token, name);
    while (!room.reserve()) {
      // Jobs that are taken begin only when this returns; BullMQ takes nothing for an empty queue.
      if (this.taken.size > 0 || this.closing) return undefined as unknown as Job<Data>;
      await room.change();
    }
    const job: Job<Data> | undefined = await super.moveToActive(token, name).catch((error: unknown) => {
      room.release();
      throw error;
    });
    if (!job) room.release();
    else this.taken.add(job.id);
    return job;
  }

  protected override handleCompleted(
    ...[result, job, token, next, span]: Parameters<Worker<Data>['handleCompleted']>
  ): Promise<Job<Data>> {
    this.forget(job);
    return super.handleCompleted(result, job, token, this.room ? never : next, span);
  }

  protected override handleFailed(
    ...[error, job, token, next, span]: Parameters<Worker<Data>['handleFailed']>
  ): Promise<Job<Data>> {
    this.forget(job);
    return super.handleFailed(error, job, token, this.room ? never : next, span);
  }

  private forget(job: Job<Data>): void {
    if (this.taken.delete(job.id)) this.room?.release();
  }
}

const never = () => false;
