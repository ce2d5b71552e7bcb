import type { IncomingHttpHeaders } from 'node:http';
import { now } from '../clock.ts';
import type { FaceState, ForgeState, Repository } from '../state.ts';

/** The credential of a request: a Bearer or `token` header, GitLab's own header, or Basic's password (any user name, as both forges take it). */
export const readToken = (headers: IncomingHttpHeaders): string | null => {
  const gitlab = headers['private-token'];
  if (typeof gitlab === 'string') return gitlab;
  const [scheme = '', value = ''] = (headers.authorization ?? '').split(' ');
  if (/^(bearer|token)$/i.test(scheme)) return value;
  if (!/^basic$/i.test(scheme)) return null;
  const pair = Buffer.from(value, 'base64').toString();
  return pair.slice(pair.indexOf(':') + 1);
};

const installationReaches = (state: ForgeState, token: string, repository: Repository): boolean => {
  const issued = state.installationTokens.get(token);
  if (issued === undefined || issued.expiresAt < now()) return false;
  const installation = state.installations.get(issued.installationId);
  return installation?.repositories.includes(repository.fullName) ?? false;
};

/** Whether a token may read a repository: the face's own token, or that of an App's installation with the repository. */
export const mayAccess = (
  state: ForgeState,
  face: FaceState,
  token: string | null,
  repository: Repository,
): boolean => token !== null && (token === face.token || installationReaches(state, token, repository));

/** Whether the face issued the token and it is still valid. */
export const isKnownToken = (state: ForgeState, face: FaceState, token: string): boolean =>
  token === face.token || (state.installationTokens.get(token)?.expiresAt ?? 0) > now();
