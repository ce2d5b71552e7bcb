import type { ForgeConfig } from '../../config/server-config.ts';
import type { GitAccess } from '../../ports/forge.ts';
import { gitAccessOf } from '../git-access.ts';

/** GitLab accepts any user name with an access token; this one also works with OAuth: https://docs.gitlab.com/topics/git/clone/ */
const user = 'oauth2';

export function gitAccess(config: ForgeConfig, path: string): Promise<GitAccess> {
  const token = config.auth.kind === 'token' ? config.auth.token : undefined;
  return gitAccessOf(config, path, user, async () => token);
}
