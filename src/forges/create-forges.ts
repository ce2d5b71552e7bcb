import type { ServerConfig } from '../config/server-config.ts';
import type { Forge } from '../ports/forge.ts';
import { createGithub } from './github/forge.ts';
import { createGitlab } from './gitlab/forge.ts';
import type { ForgeLog } from './log.ts';

/** Every forge of server.yaml by its name. Throws CONFIG_INVALID for a key that cannot be read. */
export function createForges(config: ServerConfig['forges'], options: { log: ForgeLog }): Map<string, Forge> {
  const forges = Object.values(config).map((forge) =>
    forge.type === 'github' ? createGithub(forge, options.log) : createGitlab(forge),
  );
  return new Map(forges.map((forge) => [forge.name, forge]));
}
