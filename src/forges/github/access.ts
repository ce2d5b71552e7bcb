import type { ForgeConfig } from '../../config/server-config.ts';
import type { GitAccess } from '../../ports/forge.ts';
import { gitAccessOf } from '../git-access.ts';
import type { Tokens } from './tokens.ts';

/** Every kind of token is used with this user: https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation */
const user = 'x-access-token';

/** Throws FORGE_* if the app gets no token. */
export function gitAccess(config: ForgeConfig, tokens: Tokens, path: string): Promise<GitAccess> {
  return gitAccessOf(config, path, user, () => tokens.of(path));
}
