import { chmod, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { now } from './clock.ts';
import type { Context } from './context.ts';
import { ForgeFailure } from './failure.ts';
import { writeCommit } from './git/commit.ts';
import { createBareRepository } from './git/repository.ts';
import { git } from './git/run.ts';
import type { CreatedRepository, NewRepository } from './protocol.ts';
import { newRepository, type Repository } from './state.ts';

const NAME = /^[A-Za-z0-9][\w.-]*(\/[A-Za-z0-9][\w.-]*)+$/;

/** Creates a repository, with a first commit if files are given. It sends no webhook, because no hook exists yet. */
export const createRepository = async (
  context: Context,
  fullName: string,
  wanted: NewRepository,
): Promise<CreatedRepository> => {
  const { state, face } = context;
  if (!NAME.test(fullName)) throw new ForgeFailure(422, `Not a repository name: ${fullName}`);
  if (face.repositories.has(fullName.toLowerCase()))
    throw new ForgeFailure(422, `${fullName} exists already`);
  const defaultBranch = wanted.defaultBranch ?? 'main';
  const repository = newRepository(state, face.face, fullName, {
    defaultBranch,
    private: wanted.private ?? false,
    at: now(),
  });
  const sha = await repository.write(async () => {
    await createBareRepository(repository.dir, defaultBranch);
    if (wanted.files === undefined) return null;
    const commit = { files: wanted.files, message: 'Begin' };
    return writeCommit(repository.dir, `refs/heads/${defaultBranch}`, null, commit);
  });
  return { id: repository.id, defaultBranch, sha, cloneUrl: `${face.url}/${fullName}.git` };
};

const UPDATE_HOOK = `#!/bin/sh
if grep -qxF "$1" "$(dirname "$0")/../protected-refs"; then
  echo "Protected branch update failed for $1." >&2
  exit 1
fi
`;

/**
 * Refuses, or allows again, pushes over Git to a branch. Git's own update hook refuses them; it exists only while a
 * branch is protected, because it costs each push a process.
 */
/** As the settings page of either forge does: Slipway subscribes to no webhook about it. */
export const switchDefaultBranch = async (repository: Repository, branch: string): Promise<void> => {
  await git(repository.dir, ['symbolic-ref', 'HEAD', `refs/heads/${branch}`]);
  repository.defaultBranch = branch;
};

export const protectBranch = async (repository: Repository, branch: string, on: boolean): Promise<void> => {
  if (on) repository.protectedBranches.add(branch);
  else repository.protectedBranches.delete(branch);
  const hook = join(repository.dir, 'hooks', 'update');
  if (repository.protectedBranches.size === 0) return rm(hook, { force: true });
  const refs = [...repository.protectedBranches].map((name) => `refs/heads/${name}\n`).join('');
  await writeFile(join(repository.dir, 'protected-refs'), refs);
  await writeFile(hook, UPDATE_HOOK);
  await chmod(hook, 0o755);
};
