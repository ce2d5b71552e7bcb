import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';

export interface IndexPackOptions {
  program: string;
  gitDir: string;
  env: Record<string, string>;
  signal: AbortSignal;
}

/**
 * Adds a pack to a mirror. `--strict` is what `fetch.fsckObjects` makes git pass: every object is checked, and every link
 * of one must lead to something that the mirror has. Throws where git refuses it; the mirror is as before then.
 */
export async function indexPack(pack: AsyncGenerator<Buffer>, options: IndexPackOptions): Promise<void> {
  const { program, gitDir, env, signal } = options;
  // The request is on its way before the process is started, which holds up this one for some milliseconds.
  const first = pack.next();
  first.catch(() => undefined);
  await setImmediate();
  const args = [
    `--git-dir=${gitDir}`,
    'index-pack',
    '--stdin',
    '--fix-thin',
    '--strict=badTimezone=ignore,missingSpaceBeforeDate=ignore,zeroPaddedFilemode=ignore',
  ];
  const child = spawn(program, args, {
    env,
    stdio: ['pipe', 'ignore', 'ignore'],
    signal,
    killSignal: 'SIGKILL',
  });
  const ended = once(child, 'close');
  const [copied, [code]] = await Promise.all([
    pipeline(Readable.from(beginningWith(first, pack)), child.stdin).then(
      () => undefined,
      (error: unknown) => {
        child.kill('SIGKILL');
        return error;
      },
    ),
    ended,
  ]);
  if (code !== 0) throw new Error('git refused the pack', { cause: copied });
}

async function* beginningWith(
  first: Promise<IteratorResult<Buffer>>,
  rest: AsyncGenerator<Buffer>,
): AsyncGenerator<Buffer> {
  const { value, done } = await first;
  if (done) return;
  yield value;
  yield* rest;
}
