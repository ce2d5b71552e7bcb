import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setPriority } from 'node:os';
import { SlipwayError } from '../../errors.ts';
import { cutText } from '../../model/cut-text.ts';
import { FrameReader } from './frames.ts';
import type { FromEngine, Ready } from './protocol.ts';

export interface EngineOptions {
  /** Absolute path of `slipway-engine`. */
  program: string;
  memoryBytes: number;
  /** The operator accepts an engine that the kernel does not lock. */
  unlocked: boolean;
}

/** Engines that do not start within this do not start. */
const START_MS = 30_000;
const STDERR_BYTES = 4096;
const LOWEST_PRIORITY = 19;

/** What came of a process: it ended although a render was under way. */
export class EngineDied extends Error {
  readonly outOfMemory: boolean;

  constructor(words: string, code: number | null, signal: string | null) {
    super(`the engine ended (${signal ?? code}): ${cutText(words.trim(), 500)}`);
    this.name = 'EngineDied';
    this.outOfMemory = /out of memory|cannot allocate memory/.test(words);
  }
}

/** One engine: a child without environment, folder or descriptors of ours. Talks in frames; who uses it reads and writes them. */
export class EngineProcess {
  ready: Ready | undefined;
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly reader = new FrameReader();
  private words = '';
  private ended: EngineDied | undefined;
  private onFrame: (frame: FromEngine) => void = () => undefined;
  private onEnd: (error: Error) => void = () => undefined;

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.child = child;
    child.stdout.on('data', (chunk: Buffer) => this.take(chunk));
    child.stderr.on('data', (chunk: Buffer) => {
      if (this.words.length < STDERR_BYTES) this.words += chunk.toString('utf8');
    });
    // A broken pipe says no more than the end of the process, which follows.
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => this.end(new EngineDied(error.message, null, null)));
    child.on('close', (code, signal) => this.end(new EngineDied(this.words, code, signal)));
  }

  /** A locked engine that waits for its first request. Throws INTERNAL where it does not start or does not lock. */
  static async start({ program, memoryBytes, unlocked }: EngineOptions): Promise<EngineProcess> {
    const args = [`--memory=${memoryBytes}`, ...(unlocked ? ['--unlocked'] : [])];
    const child = spawn(program, args, { cwd: '/', env: {}, stdio: 'pipe' });
    const engine = new EngineProcess(child);
    const timer = setTimeout(() => engine.kill(), START_MS);
    try {
      engine.ready = await engine.hello();
      return engine;
    } finally {
      clearTimeout(timer);
    }
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get alive(): boolean {
    return this.ended === undefined;
  }

  /** Takes every frame from now on; `onEnd` is called once, at once if the process has ended. */
  listen(onFrame: (frame: FromEngine) => void, onEnd: (error: Error) => void): void {
    this.onFrame = onFrame;
    this.onEnd = onEnd;
    if (this.ended) onEnd(this.ended);
  }

  /** Waits while the pipe is full, so that a render that asks for much does not fill the memory of the host. */
  async send(frame: Buffer): Promise<void> {
    if (!this.alive || this.child.stdin.write(frame)) return;
    await Promise.race([once(this.child.stdin, 'drain'), once(this.child, 'close')]);
  }

  /** From now on everybody else's work comes first. There is no way back without rights. */
  yieldToOthers(): void {
    if (this.child.pid === undefined) return;
    try {
      setPriority(this.child.pid, LOWEST_PRIORITY);
    } catch {
      // It has ended.
    }
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  private hello(): Promise<Ready> {
    return new Promise((resolve, reject) => {
      const fail = (summary: string, cause?: Error) =>
        reject(new SlipwayError('INTERNAL', summary, { cause, hint: START_HINT }));
      this.listen(
        ({ ready, unlocked }) => {
          if (ready) resolve(ready);
          else if (unlocked) fail(`the render engine refuses to start unlocked: ${unlocked.reason}`);
        },
        (error) => fail('the render engine does not start', error),
      );
    });
  }

  private take(chunk: Buffer): void {
    try {
      for (const text of this.reader.push(chunk)) {
        const frame: FromEngine = JSON.parse(text);
        this.onFrame(frame);
      }
    } catch (error) {
      this.words += String(error);
      this.kill();
    }
  }

  private end(error: EngineDied): void {
    this.ended ??= error;
    this.onEnd(this.ended);
  }
}

const START_HINT =
  'Look at render.engine of server.yaml; the engine needs Linux with seccomp, or render.unlocked: true.';
