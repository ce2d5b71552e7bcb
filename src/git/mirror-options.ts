import type { Dispatcher } from 'undici';
import type { GitAccess } from '../ports/forge.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { ObjectCache } from './object-cache.ts';
import type { Remote } from './remote.ts';
import type { PackIndexer } from './wire/pack-indexer.ts';

/** What one mirror is made of. */
export interface MirrorOptions {
  repository: string;
  gitDir: string;
  program: string;
  /** Environment of calls that do not reach the forge. */
  env: Record<string, string>;
  remote: Remote;
  access: () => Promise<GitAccess>;
  /** What every call to the forge goes through; it may refuse to make one. */
  pass: <T>(call: () => Promise<T>, signal: AbortSignal) => Promise<T>;
  /** Connections of the fast path of a fetch; undefined: git makes every fetch. */
  dispatcher: Dispatcher | undefined;
  cache: ObjectCache;
  /** Milliseconds without a byte after which a fetch is given up. Default: two minutes. */
  silenceMs?: number | undefined;
  /** Bytes that the mirror may occupy. Undefined: there is no limit. */
  maxBytes?: number | undefined;
  /** Shared by all mirrors of the process. */
  packs: PackIndexer;
  log: Logger;
  /** Aborts when the mirrors are closed. */
  closing: AbortSignal;
}
