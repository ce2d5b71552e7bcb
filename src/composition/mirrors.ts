import { createMirrors } from '../git/mirrors.ts';
import { splitRepository } from '../model/target.ts';
import type { Process } from './process.ts';

/** The mirrors of the repositories, with the forges' own access to each. */
export function openMirrors({ config, forges, log }: Process, env: NodeJS.ProcessEnv) {
  return createMirrors({
    dir: `${config.dataDir}/mirrors`,
    git: config.programs.git,
    env,
    log,
    async access(repository) {
      const forge = forges.get(splitRepository(repository).forge);
      if (!forge) throw new Error(`server.yaml has no forge for ${repository}`);
      return forge.gitAccess(repository);
    },
  });
}
