import { spawn } from 'node:child_process';
import { SlipwayError } from '../../errors.ts';

export interface ProgramRun {
  program: string;
  args: string[];
  /** The private folder; the only one the program is told of. */
  cwd: string;
  /** `unshare` where the kernel lets a process have a network of its own, which is none. */
  unshare: string | undefined;
  timeoutMs: number;
  memoryBytes: number;
  outputBytes: number;
  signal: AbortSignal;
}

export interface ProgramResult {
  code: number | undefined;
  stdout: string;
  stderr: string;
}

const ERROR_BYTES = 256 * 1024;
const KIB = 1024;

/**
 * Limits that the kernel keeps: no core file, CPU seconds (which also end a process whose parent was killed), and memory
 * by RLIMIT_DATA, because RLIMIT_AS would count what Go only reserves. `exec` keeps one process.
 */
const LIMITED = 'ulimit -c 0; ulimit -t "$1"; ulimit -d "$2"; shift 2; exec "$@"';

/**
 * Runs a renderer on what strangers wrote: an empty environment, no network, limits on time, memory and output, and an
 * end for its whole group. Throws RENDER_LIMIT; a program that fails is an answer.
 */
export function runProgram(run: ProgramRun): Promise<ProgramResult> {
  run.signal.throwIfAborted();
  const { program, timeoutMs, signal } = run;
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', LIMITED, 'sh', ...limits(run), ...isolated(run)], {
      cwd: run.cwd,
      env: environment(run),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let overrun: string | undefined;
    const end = (why?: string) => {
      overrun ??= why;
      killGroup(child.pid);
    };
    const stdout = collect(child.stdout, run.outputBytes, () =>
      end(`wrote more than ${run.outputBytes} bytes`),
    );
    const stderr = collect(child.stderr, ERROR_BYTES, () => undefined);
    const timer = setTimeout(() => end(`took longer than ${timeoutMs / 1000} s`), timeoutMs);
    const onAbort = () => end();
    signal.addEventListener('abort', onAbort, { once: true });
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    child.on('error', (error) => {
      settle();
      reject(error);
    });
    child.on('close', (code) => {
      settle();
      if (signal.aborted) return reject(signal.reason);
      const errors = stderr();
      const limit = overrun ?? memoryOverrun(errors, run);
      if (limit !== undefined) return reject(new SlipwayError('RENDER_LIMIT', `${nameOf(program)} ${limit}`));
      resolve({ code: code ?? undefined, stdout: stdout(), stderr: errors });
    });
  });
}

function limits({ timeoutMs, memoryBytes }: ProgramRun): string[] {
  // Four threads' worth of CPU: a render on a busy machine must reach its timeout first.
  const seconds = Math.ceil((timeoutMs / 1000) * 4);
  return [String(seconds), String(Math.ceil(memoryBytes / KIB))];
}

function isolated({ unshare, program, args }: ProgramRun): string[] {
  const prefix = unshare === undefined ? [] : [unshare, '-rn', '--'];
  return [...prefix, program, ...args];
}

/** Nothing of ours; what the programs need of their own points into the private folder. */
function environment({ cwd, memoryBytes }: ProgramRun): Record<string, string> {
  return {
    HOME: `${cwd}/.home`,
    TMPDIR: `${cwd}/.home`,
    HELM_PLUGINS: `${cwd}/.home/no-plugins`,
    GOMEMLIMIT: `${Math.floor(memoryBytes * 0.8)}B`,
    NO_COLOR: '1',
  };
}

function memoryOverrun(stderr: string, { memoryBytes }: ProgramRun): string | undefined {
  if (!/runtime: (out of memory|cannot allocate memory)|fatal error: .*out of memory/.test(stderr))
    return undefined;
  return `needed more than ${Math.floor(memoryBytes / (KIB * KIB))} MiB of memory`;
}

function collect(stream: NodeJS.ReadableStream, limit: number, onOverflow: () => void): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > limit) onOverflow();
    else chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

function nameOf(program: string): string {
  return program.slice(program.lastIndexOf('/') + 1);
}
