import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

export interface ChildOptions {
  name: string;
  program: string;
  args: readonly string[];
  /** File that takes what the child prints, appended to. */
  logFile: string;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Sent to the child by the kernel when this process dies, however it dies. Default KILL. */
  deathSignal?: 'KILL' | 'INT';
}

export interface Child {
  readonly name: string;
  readonly pid: number;
  /** Resolves with how the child ended (`exit code 1`, `signal SIGKILL`); never rejects. */
  readonly ended: Promise<string>;
  running(): boolean;
  /** Sends the signal, waits for the exit, and kills a child that takes longer than 10 s. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** The last lines that the child printed, for error messages. */
  lastOutput(): string;
}

const STOP_TIMEOUT_MS = 10_000;

/**
 * Starts a program that cannot outlive this process: Node has no equivalent of PR_SET_PDEATHSIG, so setpriv
 * (util-linux) sets it and then becomes the program. The child gets a session of its own, so that Ctrl-C reaches
 * only this process, which then stops its children in order.
 */
export function startChild(options: ChildOptions): Child {
  const log = openSync(options.logFile, 'a', 0o600);
  const process_ = spawn(
    'setpriv',
    ['--pdeathsig', options.deathSignal ?? 'KILL', '--', options.program, ...options.args],
    { stdio: ['ignore', log, log], detached: true, env: options.env ?? process.env, cwd: options.cwd },
  );
  closeSync(log);
  const ended = endOf(process_);
  return {
    name: options.name,
    pid: process_.pid ?? -1,
    ended,
    running: () => isRunning(process_),
    stop: async (signal = 'SIGTERM') => {
      if (!isRunning(process_)) return;
      process_.kill(signal);
      const timer = setTimeout(() => process_.kill('SIGKILL'), STOP_TIMEOUT_MS);
      await ended;
      clearTimeout(timer);
    },
    lastOutput: () => lastLines(options.logFile, 15),
  };
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`not started: ${error.message}`));
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
}

function lastLines(file: string, count: number): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
}
