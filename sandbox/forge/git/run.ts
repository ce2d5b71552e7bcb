import { spawn } from 'node:child_process';

export const ZERO_SHA = '0'.repeat(40);

/** The forge ignores the Git settings of the machine and the user. */
export const gitEnvironment = (extra: Record<string, string> = {}): Record<string, string> => ({
  PATH: process.env.PATH ?? '/usr/bin:/bin',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  LC_ALL: 'C',
  ...extra,
});

export class GitError extends Error {
  readonly stdout: string;

  constructor(args: readonly string[], code: number | null, stdout: string, stderr: string) {
    super(`git ${args[0] ?? ''} ended with ${code}: ${stderr.trim()}`);
    this.name = 'GitError';
    this.stdout = stdout;
  }
}

export interface GitInput {
  input?: string | Buffer;
  env?: Record<string, string>;
}

/** Runs git in a repository and returns its standard output. Throws `GitError` on any exit code but 0. */
export const git = (dir: string, args: readonly string[], options: GitInput = {}): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn('git', args, { cwd: dir, env: gitEnvironment(options.env) });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', reject);
    child.stdin.on('error', () => undefined);
    child.on('close', (code) => {
      const stdout = Buffer.concat(out).toString();
      if (code === 0) resolve(stdout);
      else reject(new GitError(args, code, stdout, Buffer.concat(err).toString()));
    });
    child.stdin.end(options.input);
  });
