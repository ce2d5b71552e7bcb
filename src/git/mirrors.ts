import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Agent } from 'undici';
import type { RepositoryId } from '../model/target.ts';
import type { GitAccess } from '../ports/forge.ts';
import type { Mirrors } from '../ports/git.ts';
import type { Logger } from '../telemetry/logger.ts';
import { gitEnvironment } from './git-environment.ts';
import { GitMirror } from './mirror.ts';
import { type DiskOptions, startMirrorKeeper } from './mirror-keeper.ts';
import { createObjectCache } from './object-cache.ts';
import { Remote } from './remote.ts';
import { PackIndexer } from './wire/pack-indexer.ts';

export interface MirrorsOptions {
  /** Folder of the mirrors, private to this host; its loss costs only time. */
  dir: string;
  /** Address and credentials, computed before each call; its errors are passed on. */
  access: (repository: RepositoryId) => Promise<GitAccess>;
  /** What every call to a forge goes through: it may refuse to make one. Default: all are made. */
  pass?: Pass | undefined;
  /** The program, by name or path. Default `git`. */
  git?: string | undefined;
  /** Of this environment git gets PATH, proxies and certificates, and nothing else. */
  env?: Record<string, string | undefined> | undefined;
  /** Milliseconds without a byte from a forge after which a fetch is given up. Default: two minutes. */
  silenceMs?: number | undefined;
  /** Allows `file://` addresses, for tests. */
  allowFile?: boolean | undefined;
  /** Bytes of parsed folders and of file contents kept in memory, for all repositories together. */
  cacheBytes?: { folders: number; blobs: number } | undefined;
  /** Undefined: nothing is evicted or collected. */
  disk?: DiskOptions | undefined;
  log: Logger;
}

/** Throws what the call throws, or GIT_UNREACHABLE without making it. */
export type Pass = <T>(repository: RepositoryId, call: () => Promise<T>, signal: AbortSignal) => Promise<T>;

/** Longer than the pauses between pushes on a busy day; if a forge closes earlier, that is noticed. */
const KEEP_ALIVE_MS = 60_000;

/** Each push adds another version of a folder of a thousand apps; versions older than a few pushes are of no use. */
const DEFAULT_CACHE = { folders: 6 * 1024 * 1024, blobs: 6 * 1024 * 1024 };

/** The bare mirrors of this host, one per repository, opened on demand. */
export function createMirrors(options: MirrorsOptions): Mirrors {
  const { dir, access, git: program = 'git', env: base = {}, allowFile = false, log } = options;
  const sizes = options.cacheBytes ?? DEFAULT_CACHE;
  const cache = createObjectCache({ folderBytes: sizes.folders, blobBytes: sizes.blobs });
  const environment = { base, allowFile, knownHostsFile: join(dir, 'known_hosts') };
  const env = gitEnvironment(environment);
  const closing = new AbortController();
  const dispatcher = needsGit(base) ? undefined : new Agent({ keepAliveTimeout: KEEP_ALIVE_MS });
  const packs = new PackIndexer({ program, env });
  const mirrors = new Map<RepositoryId, GitMirror>();
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const keeper = options.disk && startMirrorKeeper({ ...options.disk, dir, program, env, log });

  const make = (repository: RepositoryId) => {
    const gitDir = join(dir, folderName(repository));
    const remote = new Remote({ repository, program, environment, access });
    return new GitMirror({
      repository,
      gitDir,
      program,
      env,
      remote,
      access: () => access(repository),
      pass: (call, signal) => (options.pass ? options.pass(repository, call, signal) : call()),
      dispatcher,
      cache,
      silenceMs: options.silenceMs,
      maxBytes: options.disk?.perRepositoryBytes,
      packs,
      log,
      closing: closing.signal,
    });
  };
  return {
    open(repository) {
      const mirror = mirrors.get(repository) ?? make(repository);
      mirrors.set(repository, mirror);
      return mirror;
    },
    async close() {
      closing.abort(new Error('the mirrors are closed'));
      await keeper?.stop();
      for (const mirror of mirrors.values()) mirror.close();
      packs.end();
      await dispatcher?.destroy();
    },
  };
}

/** Git alone handles proxies. (If Node does not trust a certificate, the fast path fails and git makes the fetch.) */
function needsGit(env: Record<string, string | undefined>): boolean {
  return ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'].some((name) => (env[name] ?? '') !== '');
}

/**
 * A readable folder name, and a hash of 128 bits: strangers choose the names of repositories, and no two may share a folder,
 * also where the file system ignores case.
 */
function folderName(repository: RepositoryId): string {
  const readable = repository.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 80);
  const digest = createHash('sha256').update(repository).digest('hex').slice(0, 32);
  return `${readable}-${digest}.git`;
}
