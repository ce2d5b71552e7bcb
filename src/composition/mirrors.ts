import { createMirrors } from '../git/mirrors.ts';
import { splitRepository } from '../model/target.ts';
import type { Mirrors } from '../ports/git.ts';
import type { Process } from './process.ts';

/** The mirrors of the repositories, with the forges' own access to each, kept within the budget of the data directory. */
export function openMirrors(
  { config, forges, gates, log, metrics }: Process,
  env: NodeJS.ProcessEnv,
): Mirrors {
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
    pass(repository, call, signal) {
      const gate = gates.get(splitRepository(repository).forge);
      return gate ? gate.pass('git', repository, call, signal) : call();
    },
    disk: {
      root: config.dataDir,
      ...config.disk,
      onEvicted: () => metrics.mirrorEvictions.inc(),
      onMeasured(bytes) {
        for (const [kind, count] of bytes) metrics.dataBytes.set({ kind }, count);
      },
    },
  });
}
