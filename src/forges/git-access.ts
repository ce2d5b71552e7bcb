import type { ForgeConfig } from '../config/server-config.ts';
import type { GitAccess } from '../ports/forge.ts';

/** SSH if the operator configured a key, else HTTPS with `Authorization: Basic`, else HTTPS without credentials. */
export async function gitAccessOf(
  config: ForgeConfig,
  path: string,
  user: string,
  token: () => Promise<string | undefined>,
): Promise<GitAccess> {
  if (config.ssh) {
    const { keyFile, knownHostsFile } = config.ssh;
    return {
      url: `ssh://git@${new URL(config.url).hostname}/${path}.git`,
      kind: 'ssh',
      keyFile,
      knownHostsFile,
    };
  }
  const url = `${config.url}/${path}.git`;
  const secret = await token();
  if (secret === undefined) return { url, kind: 'none' };
  const basic = Buffer.from(`${user}:${secret}`).toString('base64');
  return { url, kind: 'header', header: `Authorization: Basic ${basic}` };
}
