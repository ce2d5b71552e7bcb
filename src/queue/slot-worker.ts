import { type Job, Worker } from 'bullmq';
import type { JobSlot, JobSlots } from './job-slots.ts';
import type { Trials } from './trials.ts';

/**
 * A worker that asks Redis for a job only while a slot is free and no job of the process runs alone. BullMQ's own concurrency counts jobs that wait for
 * hours like jobs that work, so the first process would take all jobs and leave the others idle. BullMQ 6 takes jobs in
 * `moveToActive`, `handleCompleted` and `handleFailed`.
 */
export class SlotWorker<Data> extends Worker<Data> {
  private slots: JobSlots | undefined;
  private trials: Trials | undefined;
  /** Jobs that were taken and have not begun. */
  private readonly taken = new Set<string | undefined>();

  /** Starts to take jobs; for a worker created with `autorun: false`. */
  start(slots: JobSlots | undefined, trials: Trials): Promise<void> {
    this.slots = slots;
    this.trials = trials;
    return this.run();
  }

  /** The job begins to work. */
  begin(job: Job<Data>): JobSlot | undefined {
    this.forget(job);
    return this.slots?.take();
  }

  protected override async moveToActive(token: string, name?: string): Promise<Job<Data>> {
    const { slots, trials } = this;
    while (trials?.isOpen() === false) {
      if (this.taken.size > 0 || this.closing) return undefined as unknown as Job<Data>;
      await trials.change();
    }
    if (!slots) return super.moveToActive(token, name);
    while (!slots.reserve()) {
      // Jobs that were taken begin only when this returns; BullMQ treats undefined as an empty queue.
      if (this.taken.size > 0 || this.closing) return undefined as unknown as Job<Data>;
      await slots.change();
    }
    const job: Job<Data> | undefined = await super.moveToActive(token, name).catch((error: unknown) => {
      slots.release();
      throw error;
    });
    if (!job) slots.release();
    else this.taken.add(job.id);
    return job;
  }

  protected override handleCompleted(
    ...[result, job, token, next, span]: Parameters<Worker<Data>['handleCompleted']>
  ): Promise<Job<Data>> {
    this.forget(job);
    return super.handleCompleted(result, job, token, this.slots ? never : next, span);
  }

  protected override handleFailed(
    ...[error, job, token, next, span]: Parameters<Worker<Data>['handleFailed']>
  ): Promise<Job<Data>> {
    this.forget(job);
    return super.handleFailed(error, job, token, this.slots ? never : next, span);
  }

  private forget(job: Job<Data>): void {
    if (this.taken.delete(job.id)) this.slots?.release();
  }
}

const never = () => false;
