import type { ServerConfig } from '../config/server-config.ts';
import type { Projects } from '../ports/projects.ts';
import type { LinkSettings } from '../server/links.ts';

/** The addresses of release pages, signed with `linkSecret` of server.yaml or with the random one in Redis. */
export function createLinks(
  { publicUrl, linkSecret }: Pick<ServerConfig, 'publicUrl' | 'linkSecret'>,
  projects: Projects,
  kept: () => Promise<string>,
): LinkSettings {
  return { publicUrl, projects, secret: linkSecret === undefined ? kept : async () => linkSecret };
}
