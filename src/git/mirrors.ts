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
import { createObjectCache } from './object-cache.ts';
import { Remote } from './remote.ts';
import { PackIndexer } from './wire/pack-indexer.ts';

export interface MirrorsOptions {
  /** Folder of the mirrors, private to this host; everything in it can be lost. */
  dir: string;
  /** Address and credentials, asked before each call; what it throws is thrown on. */
  access: (repository: RepositoryId) => Promise<GitAccess>;
  /** The program, by name or path. Default `git`. */
  git?: string | undefined;
  /** What git may see of the environment: PATH, proxies, certificates; the rest is left out. */
  env?: Record<string, string | undefined> | undefined;
  /** Milliseconds without a byte from a forge after which a fetch is given up. Default: two minutes. */
  silenceMs?: number | undefined;
  /** Also `file://` addresses; for tests. */
  allowFile?: boolean | undefined;
  /** Bytes of parsed folders and of file contents kept in memory, for all repositories together. */
  cacheBytes?: { folders: number; blobs: number } | undefined;
  log: Logger;
}

/** Longer than the pauses between the pushes of a busy day; a forge that closes earlier is noticed. */
const KEEP_ALIVE_MS = 60_000;

/** A folder of a thousand apps is kept anew for each push; what is older than some pushes is of no use to anybody. */
const DEFAULT_CACHE = { folders: 6 * 1024 * 1024, blobs: 6 * 1024 * 1024 };

/** The bare mirrors of this host, one a repository, opened on demand. */
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
      dispatcher,
      cache,
      silenceMs: options.silenceMs,
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
      for (const mirror of mirrors.values()) mirror.close();
      packs.end();
      await dispatcher?.destroy();
    },
  };
}

/** Proxies are for git, which knows their rules. (A certificate that Node does not trust ends in git's hands by itself.) */
function needsGit(env: Record<string, string | undefined>): boolean {
  return ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'].some((name) => (env[name] ?? '') !== '');
}

/** Readable, and different for names that differ only in what a file system folds. */
function folderName(repository: RepositoryId): string {
  const readable = repository.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 80);
  const digest = createHash('sha256').update(repository).digest('hex').slice(0, 12);
  return `${readable}-${digest}.git`;
}
