import { createHash } from 'node:crypto';

/** GitHub's opaque global ids. */
export const nodeId = (kind: string, id: number): string => Buffer.from(`${kind}${id}`).toString('base64');

const idOf = (login: string): number => createHash('sha256').update(login).digest().readUInt32BE(0) >>> 1;

export type UserType = 'User' | 'Organization' | 'Bot';

/** GitHub's simple user. `url` is the face's address. */
export const userView = (url: string, login: string, type: UserType = 'User') => {
  const api = `${url}/api/v3/users/${login}`;
  return {
    login,
    id: idOf(login),
    node_id: nodeId('U', idOf(login)),
    avatar_url: `${url}/avatars/${login}`,
    gravatar_id: '',
    url: api,
    html_url: `${url}/${login}`,
    followers_url: `${api}/followers`,
    following_url: `${api}/following{/other_user}`,
    gists_url: `${api}/gists{/gist_id}`,
    starred_url: `${api}/starred{/owner}{/repo}`,
    subscriptions_url: `${api}/subscriptions`,
    organizations_url: `${api}/orgs`,
    repos_url: `${api}/repos`,
    events_url: `${api}/events{/privacy}`,
    received_events_url: `${api}/received_events`,
    type,
    site_admin: false,
  };
};

/** The person behind every push and merge on the forge. */
export const DEVELOPER_LOGIN = 'dana';
