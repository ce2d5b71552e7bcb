import { Worker } from 'node:worker_threads';
import { SlipwayError } from '../errors.ts';
import type { Parsed } from './parse-worker.ts';

/** Parses texts one after the other in a thread of its own, so that none of them stops the event loop. */
export interface ParseThread {
  /** The failure is CONFIG_INVALID with file and line. Rejects with CONFIG_INVALID if the file was not judged. */
  parse(text: string): Promise<Parsed>;
  close(): Promise<void>;
}

/** The thread takes some 40 MB, so it ends when nothing was parsed for a while. */
const IDLE_MS = 60_000;
/** The work is bounded; only a machine that stands still reaches this. */
const LONGEST_MS = 60_000;
const resourceLimits = { maxOldGenerationSizeMb: 256, stackSizeMb: 4 };

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const body = new URL(`./parse-worker.${extension}`, import.meta.url);

export function createParseThread(): ParseThread {
  let worker: Worker | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let idle: NodeJS.Timeout | undefined;

  const end = async () => {
    clearTimeout(idle);
    const ending = worker;
    worker = undefined;
    await ending?.terminate();
  };
  const run = async (text: string): Promise<Parsed> => {
    clearTimeout(idle);
    worker ??= new Worker(body, { resourceLimits });
    try {
      return revived(await answerOf(worker, text));
    } catch (error) {
      await end();
      if (isOutOfMemory(error))
        return { failure: unreadable('takes too much memory to read', error).failure };
      throw unreadable('cannot be read: its thread ended', error);
    } finally {
      worker?.unref();
      idle = setTimeout(() => void end(), IDLE_MS);
      idle.unref();
    }
  };
  return {
    parse(text) {
      const result = last.then(() => run(text));
      last = result.catch(() => undefined);
      return result;
    },
    close: end,
  };
}

function answerOf(worker: Worker, text: string): Promise<Parsed> {
  const { promise, resolve, reject } = Promise.withResolvers<Parsed>();
  const timer = setTimeout(() => reject(new Error('no answer in time')), LONGEST_MS);
  const ended = () => reject(new Error('the thread ended'));
  worker.ref();
  worker.once('message', resolve).once('error', reject).once('exit', ended);
  worker.postMessage(text);
  return promise.finally(() => {
    clearTimeout(timer);
    worker.off('message', resolve).off('error', reject).off('exit', ended);
  });
}

/** Records lose on the way that they have no prototype. */
function revived(parsed: Parsed): Parsed {
  if ('failure' in parsed) return parsed;
  const bare = <T>(record: Record<string, T>): Record<string, T> =>
    Object.assign(Object.create(null), record);
  const { environments, held, apps, ...rest } = parsed.config;
  const records = { environments: bare(environments), held: bare(held), apps: bare(apps) };
  return { config: { ...rest, ...records } };
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}

function unreadable(why: string, cause: unknown): SlipwayError {
  return new SlipwayError('CONFIG_INVALID', `the file ${why}`, { place: { file: 'slipway.yaml' }, cause });
}
