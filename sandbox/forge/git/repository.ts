import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { git } from './run.ts';

/** Both forges serve any commit they have by its SHA, and partial clones; a gc in the middle of a benchmark would be noise. */
const config = (defaultBranch: string): [path: string, content: string][] => [
  ['HEAD', `ref: refs/heads/${defaultBranch}\n`],
  [
    'config',
    `[core]
	repositoryformatversion = 0
	filemode = true
	bare = true
[http]
	receivepack = true
[uploadpack]
	allowFilter = true
	allowReachableSHA1InWant = true
	allowAnySHA1InWant = true
[receive]
	autogc = false
[gc]
	auto = 0
[user]
	name = Forge
	email = forge@localhost
`,
  ],
];

export const createBareRepository = async (dir: string, defaultBranch: string): Promise<void> => {
  await mkdir(dir, { recursive: true });
  await git(dir, ['init', '--bare', '--quiet', '--template=']);
  await mkdir(join(dir, 'hooks'), { recursive: true });
  for (const [path, content] of config(defaultBranch)) await writeFile(join(dir, path), content);
};
