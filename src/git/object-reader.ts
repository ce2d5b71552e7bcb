import type { ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { GitObject } from './batch-parser.ts';
import { BatchParser } from './batch-parser.ts';
import { hold } from './hold.ts';

export interface ObjectReaderOptions {
  program: string;
  gitDir: string;
  env: Record<string, string>;
  /** Milliseconds without a request after which the process ends. */
  idleMs: number;
  /** Called at every request. */
  onUse?: (() => void) | undefined;
}

type Child = ChildProcessByStdio<Writable, Readable, null>;

interface Session {
  child: Child;
  parser: BatchParser;
}

/** Git ended by itself: the folder is gone, or is not a repository that it can read. */
export class UnreadableMirror extends Error {}

/**
 * One `git cat-file --batch-command` per mirror, started at the first request and ended when idle: an object costs tens of
 * microseconds instead of a process. It ends with its parent (its input closes) and does not keep it alive. It finds new
 * packs without a restart, because git looks again for objects that it did not find.
 */
export class ObjectReader {
  private readonly options: ObjectReaderOptions;
  private session: Session | undefined;
  private idle: NodeJS.Timeout | undefined;

  constructor(options: ObjectReaderOptions) {
    this.options = options;
  }

  /** Type and size of an object or ref; undefined if the mirror does not have it. */
  info(name: string): Promise<GitObject | undefined> {
    return this.ask(`info ${name}`, 0);
  }

  /** With the content; `body` is undefined above `maxBytes`. */
  contents(name: string, maxBytes: number): Promise<GitObject | undefined> {
    return this.ask(`contents ${name}`, maxBytes);
  }

  end(): void {
    clearTimeout(this.idle);
    this.session?.child.stdin.end();
    this.session = undefined;
  }

  private async ask(command: string, maxBytes: number): Promise<GitObject | undefined> {
    if (/[\n\r]/.test(command)) return undefined;
    this.options.onUse?.();
    clearTimeout(this.idle);
    const session = this.session ?? this.start();
    this.session = session;
    hold(session.child, true);
    try {
      const response = session.parser.expect(command.startsWith('contents'), maxBytes);
      session.child.stdin.write(`${command}\n`);
      return await response;
    } finally {
      if (session.parser.waiting === 0) this.rest(session);
    }
  }

  private rest(session: Session): void {
    hold(session.child, false);
    clearTimeout(this.idle);
    this.idle = setTimeout(() => this.end(), this.options.idleMs);
    this.idle.unref();
  }

  private start(): Session {
    const child = spawn(this.options.program, ['cat-file', '--batch-command'], {
      env: { ...this.options.env, GIT_DIR: this.options.gitDir },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const session: Session = { child, parser: new BatchParser() };
    const fail = (error: Error) => {
      if (this.session === session) this.session = undefined;
      session.parser.fail(error);
    };
    child.on('error', fail);
    child.on('close', (code, signal) =>
      fail(
        code === null ? new Error(`git was ended by ${signal}`) : new UnreadableMirror('git cat-file ended'),
      ),
    );
    child.stdin.on('error', () => undefined);
    child.stdout.on('data', (chunk: Buffer) => session.parser.push(chunk));
    return session;
  }
}
