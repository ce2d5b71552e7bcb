import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startChild } from '../child.ts';
import type { Cache } from './cache.ts';
import { buildProgress } from './progress.ts';
import type { Unit } from './table.ts';

type Say = (line: string) => void;

const run = promisify(execFile);

const SAY_EVERY_MS = 10_000;

/**
 * Builds units from Go modules into the cache, with a build cache of its own (about 4 GB) that is removed when all
 * units are built. An interrupted build keeps it, and the next one continues from there. Incremental units keep Go's own.
 * @throws Error if Go is missing, too old, or fails; with its last output.
 */
export async function buildUnits(units: readonly Unit[], cache: Cache, say: Say): Promise<void> {
  const site = join(cache.dir, 'building');
  await mkdir(site, { recursive: true });
  const env = goEnvironment(join(site, 'go-cache'));
  say('reading Go modules (the first time fetches about 0.6 GB)');
  const lists = await Promise.all(units.map((unit) => listPackages(unit, env)));
  const packages = new Set(lists.flat());
  const logFile = join(site, 'go.log');
  const names = units.map((unit) => `${unit.name} ${unit.version}`).join(', ');
  say(`building ${names} from ${packages.size} Go packages`);
  const startedWith = await countCompiled(logFile, packages);
  const startedAt = Date.now();
  const timer = setInterval(async () => {
    const compiled = await countCompiled(logFile, packages);
    const seconds = (Date.now() - startedAt) / 1000;
    say(
      buildProgress({ total: packages.size, startedWith, compiled, seconds, cores: availableParallelism() }),
    );
  }, SAY_EVERY_MS);
  try {
    for (const unit of units)
      await cache.add(unit, (folder) => buildUnit(unit, folder, { env, logFile, say }));
  } finally {
    clearInterval(timer);
  }
  await rm(site, { recursive: true, force: true });
}

/** `goCache`: of Go's own choice if undefined. */
function goEnvironment(goCache?: string): NodeJS.ProcessEnv {
  const cache = goCache === undefined ? {} : { GOCACHE: goCache };
  return { ...process.env, ...cache, GOTOOLCHAIN: 'local', GOWORK: 'off', CGO_ENABLED: '0' };
}

/** All packages of a unit; the progress is measured against their number. */
async function listPackages({ build }: Unit, env: NodeJS.ProcessEnv): Promise<string[]> {
  const { stdout } = await run('go', ['list', '-mod=readonly', '-deps', build.package], {
    cwd: build.module,
    env,
    maxBuffer: 64 * 1024 * 1024,
  }).catch((error: NodeJS.ErrnoException & { stderr?: string }) => {
    if (error.code === 'ENOENT') throw new Error('there is no Go on the PATH');
    throw new Error(error.stderr?.trim().split('\n').at(-1) ?? error.message);
  });
  return stdout.trim().split('\n');
}

/** `go build -v` prints each package that it compiles; the log of an interrupted build is appended to. */
async function countCompiled(logFile: string, packages: ReadonlySet<string>): Promise<number> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  return new Set(text.split('\n').filter((line) => packages.has(line))).size;
}

interface BuildContext {
  env: NodeJS.ProcessEnv;
  logFile: string;
  say: Say;
}

async function buildUnit(unit: Unit, folder: string, { env, logFile, say }: BuildContext): Promise<void> {
  const { output, ldflags, module, incremental } = unit.build;
  const flags = [
    '-mod=readonly',
    '-buildvcs=false',
    '-trimpath',
    '-v',
    `-ldflags=${['-s -w', ...ldflags].join(' ')}`,
  ];
  const go = startChild({
    name: 'go build',
    program: 'go',
    args: ['build', ...flags, '-o', join(folder, output), unit.build.package],
    logFile,
    env: incremental ? goEnvironment() : env,
    cwd: module,
    deathSignal: 'INT',
  });
  const end = await go.ended;
  if (end !== 'exit code 0')
    throw new Error(`go build of ${unit.name} ended with ${end}:\n${go.lastOutput()}`);
  for (const program of unit.programs) {
    if (program !== output) await symlink(output, join(folder, program));
  }
  say(`built ${unit.name} ${unit.version}`);
}
