import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ForgeClient } from '../../../sandbox/forge/client.ts';
import { type Forge, startForge } from '../../../sandbox/forge/forge.ts';
import type { Face } from '../../../sandbox/forge/protocol.ts';

const run = promisify(execFile);

const IDENTITY = [
  '-c',
  'user.name=Dana',
  '-c',
  'user.email=dana@example.com',
  '-c',
  'init.defaultBranch=main',
];

/** A separate forge for each test file, with a folder for working copies. */
export interface ForgeUnderTest {
  forge: Forge;
  client: ForgeClient;
  dir: string;
  /** Creates a repository with one commit; resolves to its name. */
  repository(face: Face, options?: { private?: boolean }): Promise<string>;
  /** A clone URL with the face's token in it, or with another one. */
  cloneUrl(face: Face, repo: string, token?: string): string;
  /** Runs git in a folder below `dir`. Rejects with its standard error if it fails. */
  git(folder: string, ...args: string[]): Promise<string>;
  stop(): Promise<void>;
}

const USERS: Record<Face, string> = { github: 'x-access-token', gitlab: 'oauth2' };

export const startForgeUnderTest = async (): Promise<ForgeUnderTest> => {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-forge-'));
  const forge = await startForge({ dir: join(dir, 'forge') });
  const client = new ForgeClient(forge);
  return {
    forge,
    client,
    dir,
    repository: async (face, options = {}) => {
      const group = face === 'gitlab' ? 'acme/lending' : 'acme';
      const repo = `${group}/loans-${randomBytes(4).toString('hex')}`;
      await client.createRepository(face, repo, { files: { 'README.md': '# loans\n' }, ...options });
      return repo;
    },
    cloneUrl: (face, repo, token = forge[face].token) =>
      `${forge[face].url.replace('://', `://${USERS[face]}:${token}@`)}/${repo}.git`,
    git: async (folder, ...args) => {
      const env = { ...process.env, GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_GLOBAL: '/dev/null' };
      const { stdout } = await run('git', [...IDENTITY, ...args], { cwd: join(dir, folder), env });
      return stdout.trim();
    },
    stop: async () => {
      await client.close();
      await forge.stop();
      await rm(dir, { recursive: true });
    },
  };
};
