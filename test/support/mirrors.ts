import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import type { MirrorsOptions } from '../../src/git/mirrors.ts';
import { createMirrors } from '../../src/git/mirrors.ts';
import type { Mirror, Mirrors } from '../../src/ports/git.ts';
import { GitOrigin } from './git-origin.ts';

export const silent = pino({ level: 'silent' });

/** Creates a folder that is removed when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-test-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

export interface OriginAndMirror {
  origin: GitOrigin;
  dir: string;
  mirrors: Mirrors;
  mirror: Mirror;
}

/** A repository with these files and a mirror of it; both are removed when the test ends. */
export async function originAndMirror(
  files: Record<string, string> = {},
  options: Partial<MirrorsOptions> = {},
): Promise<OriginAndMirror> {
  const origin = await GitOrigin.create(files);
  onTestFinished(() => origin.remove());
  const dir = options.dir ?? (await temporaryFolder());
  const mirrors = openMirrors(origin, { ...options, dir });
  return { origin, dir, mirrors, mirror: mirrors.open('github/acme/web') };
}

/** Mirrors of the same folder as another process would open them. */
export function openMirrors(origin: GitOrigin, options: Partial<MirrorsOptions> & { dir: string }): Mirrors {
  const access = async () => ({ url: origin.url, kind: 'none' as const });
  const mirrors = createMirrors({ access, allowFile: true, log: silent, env: process.env, ...options });
  onTestFinished(() => mirrors.close());
  return mirrors;
}
