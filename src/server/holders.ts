import { createHash, timingSafeEqual } from 'node:crypto';
import { SlipwayError } from '../errors.ts';
import type { RepositoryId } from '../model/target.ts';
import type { Projects, RepositoryScope } from '../ports/projects.ts';

/** Each role may do what those before it may. */
export const ROLES = ['viewer', 'deployer', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** A token of the API, by `api.tokens` of server.yaml. */
export interface ApiToken {
  name: string;
  secret: string;
  role: Role;
  /** Names of projects. Undefined: all, and what belongs to none. */
  projects?: string[] | undefined;
}

/** Who sends a request, and what they may see. */
export interface Holder {
  /** The name of the token. */
  name: string;
  role: Role;
  /** Undefined: everything. */
  scope?: RepositoryScope | undefined;
}

/** Finds the holder of the token that a request carries. */
export interface Holders {
  /** Whether there are tokens at all. */
  exist: boolean;
  /** As bearer token. Throws UNAUTHORIZED. */
  ofBearer(authorization: string | undefined): Holder;
  /** As password, for browsers; any user name (RFC 7617). Undefined: the request carries no token that is known. */
  ofPassword(authorization: string | undefined): Holder | undefined;
}

export function createHolders(tokens: readonly ApiToken[], projects: Projects): Holders {
  const known = tokens.map(({ secret, name, role, projects: names }) => ({
    digest: digest(secret),
    holder: { name, role, scope: names && projects.scopeOf(names) },
  }));
  /** Compares with every token by digests of one length, so that the duration reveals nothing about the tokens. */
  const find = (given: string): Holder | undefined => {
    const wanted = digest(given);
    return known.filter((one) => timingSafeEqual(one.digest, wanted))[0]?.holder;
  };
  return {
    exist: tokens.length > 0,
    ofBearer(authorization = '') {
      const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
      if (token === undefined) throw new SlipwayError('UNAUTHORIZED', 'the request carries no token');
      const holder = find(token);
      if (!holder) throw new SlipwayError('UNAUTHORIZED', 'the token is not known');
      return holder;
    },
    ofPassword(authorization = '') {
      const [, encoded = ''] = /^Basic +(\S+)$/i.exec(authorization) ?? [];
      const credentials = Buffer.from(encoded, 'base64').toString();
      return find(credentials.slice(credentials.indexOf(':') + 1));
    },
  };
}

export function maySee({ scope }: Holder, repository: RepositoryId | undefined): boolean {
  return scope === undefined || (repository !== undefined && scope.includes(repository));
}

export function hasRole({ role }: Holder, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
