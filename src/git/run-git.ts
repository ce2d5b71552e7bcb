import { spawn } from 'node:child_process';

export interface GitRun {
  program: string;
  args: string[];
  env: Record<string, string>;
  /** Milliseconds until it is ended: after its start or, with `onSilence`, after the last byte that it printed. */
  timeoutMs: number;
  onSilence?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

export interface GitResult {
  /** Undefined if a signal ended the process. */
  code: number | undefined;
  stdout: string;
  /** The last lines; of a progress line only its last state. */
  stderr: string;
  timedOut: boolean;
}

/** Enough for a listing of 100,000 branches. */
const MAX_OUTPUT = 32 * 1024 * 1024;
/** Git prints the reason of a failure last. */
const MAX_ERRORS = 64 * 1024;

/**
 * Runs git in a process group of its own, so that its transport helpers end with it. Rejects if git cannot be started and
 * if the signal aborts; resolves however git itself ends.
 */
export function runGit(run: GitRun): Promise<GitResult> {
  run.signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(run.program, run.args, {
      env: run.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const end = () => killGroup(child.pid);
    const stdout = collect(child.stdout, MAX_OUTPUT, end);
    const stderr = collectLast(child.stderr, MAX_ERRORS);
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      end();
    }, run.timeoutMs);
    if (run.onSilence)
      for (const stream of [child.stdout, child.stderr]) stream.on('data', () => timer.refresh());
    run.signal?.addEventListener('abort', end, { once: true });
    const settle = () => {
      clearTimeout(timer);
      run.signal?.removeEventListener('abort', end);
    };
    child.on('error', (error) => {
      settle();
      reject(error);
    });
    child.on('close', (code) => {
      settle();
      if (run.signal?.aborted) return reject(run.signal.reason);
      resolve({ code: code ?? undefined, stdout: stdout(), stderr: stderr(), timedOut });
    });
  });
}

function collect(stream: NodeJS.ReadableStream, limit: number, onOverflow: () => void): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > limit) return onOverflow();
    chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

function collectLast(stream: NodeJS.ReadableStream, limit: number): () => string {
  let last = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    last = Buffer.concat([last, chunk]).subarray(-limit);
  });
  return () => last.toString('utf8').replaceAll(/[^\n]*\r(?!\n)/g, '');
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The process group has ended already.
  }
}
