import type { FastifyContextConfig, FastifyInstance, FastifyRequest } from 'fastify';
import { SlipwayError } from '../../errors.ts';
import { type Holder, type Holders, hasRole, ROLES, type Role } from '../holders.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The role that a route of the API needs. */
    role?: Role;
  }
}

const HOLDER = 'holder';

/** Route options: who has this role, or one that includes it. */
export function forRole(role: Role): { config: FastifyContextConfig } {
  return { config: { role } };
}

/** Who sends the request, of a route behind `requireToken`. */
export function holderOf(request: FastifyRequest): Holder {
  return request.getDecorator<Holder>(HOLDER);
}

/**
 * Lets in who sends a token with the role that the route names; a route without a role cannot be registered. Without
 * tokens in server.yaml there is no API.
 */
export function requireToken(app: FastifyInstance, holders: Holders): void {
  app.decorateRequest(HOLDER);
  app.addHook('onRoute', ({ method, url, config }) => {
    if (config?.role === undefined) throw new Error(`${String(method)} ${url} names no role`);
  });
  app.addHook('onRequest', async (request) => {
    if (!holders.exist) {
      throw new SlipwayError('NOT_FOUND', 'the API is off', {
        hint: 'Set api.tokens in server.yaml to switch it on.',
      });
    }
    const holder = holders.ofBearer(request.headers.authorization);
    const { role = 'admin' } = request.routeOptions.config;
    if (!hasRole(holder, role)) {
      throw new SlipwayError(
        'FORBIDDEN',
        `the token ${holder.name} is a ${holder.role}, and this needs a ${ROLES.slice(ROLES.indexOf(role)).join(' or ')}`,
      );
    }
    request.setDecorator(HOLDER, holder);
  });
}
