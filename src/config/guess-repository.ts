import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RepositoryId } from '../model/target.ts';
import type { ServerConfig } from './server-config.ts';

/** The repository that a checkout's `origin` is on one of the forges; undefined if none matches. */
export async function guessRepository(
  folder: string,
  { forges }: Pick<ServerConfig, 'forges'>,
): Promise<RepositoryId | undefined> {
  const config = await readFile(join(folder, '.git', 'config'), 'utf8').catch(() => '');
  const [, section = ''] = /^\[remote "origin"\]\s*$([^[]*)/m.exec(config) ?? [];
  const [, url = ''] = /^\s*url\s*=\s*(\S+)\s*$/m.exec(section) ?? [];
  const remote = parseRemote(url);
  if (!remote) return undefined;
  for (const forge of Object.values(forges)) {
    const { host, hostname, pathname } = new URL(forge.url);
    const prefix = pathname.replace(/\/?$/, '/').slice(1);
    const sameHost = remote.host === host || remote.host === hostname;
    if (sameHost && remote.path.startsWith(prefix))
      return `${forge.name}/${remote.path.slice(prefix.length)}`;
  }
  return undefined;
}

/** `https://host/owner/name.git`, `ssh://git@host/owner/name`, `git@host:owner/name.git`. */
function parseRemote(url: string): { host: string; path: string } | undefined {
  const short = /^[^@/\s]+@([^:/\s]+):(.+)$/.exec(url);
  const [host, path] = short ? [short[1], short[2]] : partsOf(url);
  if (!host || !path) return undefined;
  return { host, path: path.replace(/^\/+/, '').replace(/(\.git)?\/?$/, '') };
}

function partsOf(url: string): [string?, string?] {
  if (!URL.canParse(url)) return [];
  const { host, hostname, pathname, protocol } = new URL(url);
  return [protocol === 'ssh:' ? hostname : host, pathname];
}
