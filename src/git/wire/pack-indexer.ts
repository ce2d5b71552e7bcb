import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { hold } from '../hold.ts';

export interface PackIndexerOptions {
  program: string;
  env: Record<string, string>;
}

type Shell = ChildProcessByStdio<Writable, Readable, null>;

interface Session {
  shell: Shell;
  /** By the number of the pack; called with git's exit code. */
  waiting: Map<string, (code: number) => void>;
}

/**
 * Reads lines of number, mirror and pack, and prints each number with git's exit code. `--strict` is what
 * `fetch.fsckObjects` makes git pass: every object is checked, and everything that an object links to must be in the
 * mirror.
 */
const script = `
while IFS='\t' read -r number mirror pack; do
  {
    "$0" --git-dir="$mirror" index-pack --stdin --fix-thin \\
      --strict=badTimezone=ignore,missingSpaceBeforeDate=ignore,zeroPaddedFilemode=ignore \\
      < "$pack" > /dev/null 2>&1
    echo "$number $?"
  } &
done
wait`;

/**
 * Adds packs to mirrors. A small shell starts the git processes: a Node process of 250 MB would pause for ten
 * milliseconds to fork (its memory is marked page by page), of the fifty that a push to an idle Slipway takes.
 */
export class PackIndexer {
  private readonly options: PackIndexerOptions;
  private session: Session | undefined;
  private count = 0;

  constructor(options: PackIndexerOptions) {
    this.options = options;
  }

  /** Throws if git refuses the pack; the mirror is then unchanged. */
  async add(gitDir: string, pack: AsyncGenerator<Buffer>): Promise<void> {
    // Under a name that `git prune` removes, in case a crash leaves it.
    const file = join(gitDir, 'objects', 'pack', `tmp_pack_${randomUUID()}`);
    try {
      await pipeline(Readable.from(pack), createWriteStream(file, { mode: 0o600 }));
      const code = await this.run(gitDir, file);
      if (code !== 0) throw new Error(`git refused the pack (exit code ${code})`);
    } finally {
      await rm(file, { force: true });
    }
  }

  end(): void {
    this.session?.shell.stdin.end();
    this.session = undefined;
  }

  private run(gitDir: string, file: string): Promise<number> {
    if (/[\t\n]/.test(gitDir)) throw new Error('the path of the mirror has a tab or a line break');
    const session = this.session ?? this.start();
    this.session = session;
    const number = String(this.count++);
    const { promise, resolve } = Promise.withResolvers<number>();
    session.waiting.set(number, resolve);
    hold(session.shell, true);
    session.shell.stdin.write(`${number}\t${gitDir}\t${file}\n`);
    return promise;
  }

  private start(): Session {
    const { program, env } = this.options;
    const shell = spawn('/bin/sh', ['-c', script, program], { env, stdio: ['pipe', 'pipe', 'ignore'] });
    const session: Session = { shell, waiting: new Map() };
    const fail = () => {
      if (this.session === session) this.session = undefined;
      for (const resolve of session.waiting.values()) resolve(-1);
      session.waiting.clear();
    };
    shell.on('error', fail);
    shell.on('close', fail);
    shell.stdin.on('error', () => undefined);
    createInterface({ input: shell.stdout }).on('line', (line) => {
      const [number = '', code] = line.split(' ');
      session.waiting.get(number)?.(Number(code));
      session.waiting.delete(number);
      if (session.waiting.size === 0) hold(shell, false);
    });
    return session;
  }
}
