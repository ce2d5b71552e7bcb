import type { RepositoryId } from '../../model/target.ts';
import { type EngineOptions, EngineProcess } from './engine-process.ts';
import { FairLine } from './fair-line.ts';
import type { Ready, RenderRequest } from './protocol.ts';
import { type EngineOutput, type RenderSource, runRender } from './run-render.ts';

export interface PoolOptions extends EngineOptions {
  /** Renders at once in the fast lane, and as many in the slow one. */
  size: number;
  /** A render that takes longer than this is slow. */
  quickMs: number;
  /** Longest time of one render. */
  timeoutMs: number;
}

/** A render that took its whole time. */
export class RenderTimeout extends Error {}

interface Work {
  repository: RepositoryId;
  request: RenderRequest;
  /** Called again if the render is begun anew. */
  source: () => RenderSource;
  signal: AbortSignal;
  resolve: (output: EngineOutput) => void;
  reject: (error: unknown) => void;
}

/**
 * The engines of this process, started when there is something to render. Almost every render takes milliseconds, so
 * waiting work of all repositories takes turns in a fast lane. What takes longer than `quickMs` leaves it: it goes on
 * with the lowest priority in a place of the slow lane, where a repository has one place; or, where there is none, it is ended
 * and begun anew when its turn in the slow lane comes. So nobody's slow render holds up another one's quick one.
 */
export class EnginePool {
  private readonly options: PoolOptions;
  private readonly idle: EngineProcess[] = [];
  private readonly fast = new FairLine<Work>();
  private readonly slow = new FairLine<Work>();
  private readonly slowOwners = new Set<RepositoryId>();
  private fastRunning = 0;
  private closed = false;
  private started: Promise<Ready> | undefined;

  constructor(options: PoolOptions) {
    this.options = options;
  }

  /** Versions of what is inside of the engine: part of every content key. Throws INTERNAL where it does not start. */
  versions(): Promise<Ready> {
    this.started ??= this.firstStart();
    this.started.catch(() => {
      this.started = undefined;
    });
    return this.started;
  }

  /** Throws RenderTimeout, EngineDied, the signal's reason, and what the source throws. */
  run(work: Omit<Work, 'resolve' | 'reject'>): Promise<EngineOutput> {
    return new Promise((resolve, reject) => {
      const item: Work = { ...work, resolve, reject };
      this.enqueue(this.fast, item);
      this.next();
    });
  }

  /** Ends all engines; what is under way is rejected as died. */
  close(): void {
    this.closed = true;
    for (const engine of this.idle.splice(0)) engine.kill();
  }

  private enqueue(line: FairLine<Work>, work: Work): void {
    line.add(work.repository, work);
    const leave = () => {
      line.remove(work.repository, work);
      work.reject(work.signal.reason);
    };
    if (work.signal.aborted) leave();
    else work.signal.addEventListener('abort', leave, { once: true });
  }

  private next(): void {
    while (this.fastRunning < this.options.size) {
      const work = this.fast.take(() => true);
      if (!work) break;
      this.fastRunning += 1;
      void this.runFast(work);
    }
    while (this.slowOwners.size < this.options.size) {
      const work = this.slow.take((owner) => !this.slowOwners.has(owner));
      if (!work) break;
      this.slowOwners.add(work.repository);
      void this.runSlow(work);
    }
  }

  private async runFast(work: Work): Promise<void> {
    let lane = 'fast' as 'fast' | 'slow' | 'left';
    const leave = () => {
      if (lane !== 'fast') return;
      lane = 'left';
      this.fastRunning -= 1;
    };
    const stop = new AbortController();
    const engine = await this.engine().catch((error: unknown) => {
      work.reject(error);
    });
    if (engine) {
      const timer = setTimeout(() => {
        leave();
        if (this.slowOwners.has(work.repository) || this.slowOwners.size >= this.options.size) {
          stop.abort(new MovedOut());
        } else {
          lane = 'slow';
          this.slowOwners.add(work.repository);
          engine.yieldToOthers();
        }
        this.next();
      }, this.options.quickMs);
      await this.finish(engine, work, stop, () => lane === 'fast');
      clearTimeout(timer);
    }
    leave();
    if (lane === 'slow') this.slowOwners.delete(work.repository);
    this.next();
  }

  private async runSlow(work: Work): Promise<void> {
    const engine = await this.engine().catch((error: unknown) => {
      work.reject(error);
    });
    if (engine) {
      engine.yieldToOthers();
      await this.finish(engine, work, new AbortController(), () => false);
    }
    this.slowOwners.delete(work.repository);
    this.next();
  }

  private async finish(
    engine: EngineProcess,
    work: Work,
    stop: AbortController,
    reusable: () => boolean,
  ): Promise<void> {
    const { timeoutMs } = this.options;
    const timer = setTimeout(() => stop.abort(new RenderTimeout()), timeoutMs);
    const signal = AbortSignal.any([work.signal, stop.signal]);
    try {
      const output = await runRender(engine, work.request, work.source(), signal);
      if (output.replace || !reusable() || this.closed) engine.kill();
      else this.idle.push(engine);
      work.resolve(output);
    } catch (error) {
      if (error instanceof MovedOut) this.enqueue(this.slow, work);
      else work.reject(error);
    } finally {
      clearTimeout(timer);
    }
  }

  private async engine(): Promise<EngineProcess> {
    for (let idle = this.idle.pop(); idle; idle = this.idle.pop()) {
      if (idle.alive) return idle;
    }
    const engine = await EngineProcess.start(this.options);
    if (this.closed) engine.kill();
    return engine;
  }

  private async firstStart(): Promise<Ready> {
    const engine = await this.engine();
    this.idle.push(engine);
    if (engine.ready === undefined) throw new Error('an engine starts with its versions');
    return engine.ready;
  }
}

/** The render leaves the fast lane and is begun anew in the slow one. */
class MovedOut extends Error {}
