import type { FastifyInstance } from 'fastify';
import { contextOf, type ForgeContexts } from '../contexts.ts';
import type { Faults, NewApp, NewInstallation } from '../protocol.ts';
import { findRepository } from '../state.ts';

type Scope = { Params: { face: string }; Querystring: { repo?: string } };

export const faultRoutes = (app: FastifyInstance, contexts: ForgeContexts): void => {
  app.put<Scope & { Body: Faults }>('/:face/faults', async ({ params, query, body }) => {
    const { face } = contextOf(contexts, params.face);
    const holder = query.repo === undefined ? face : findRepository(face, query.repo);
    Object.assign(holder.faults, body);
    return {};
  });
  app.delete<Scope>('/:face/faults', async ({ params, query }) => {
    const { face, sender } = contextOf(contexts, params.face);
    if (query.repo === undefined) face.faults = {};
    const repositories = [...face.repositories.values()].filter(
      ({ fullName }) => query.repo === undefined || fullName === query.repo,
    );
    for (const repository of repositories) {
      repository.faults = {};
      sender.releaseHeld(repository);
    }
    return {};
  });
  app.post<{ Body: NewApp }>('/apps', async ({ body }) => {
    contexts.state.apps.set(body.appId, body);
    return {};
  });
  app.post<{ Body: NewInstallation }>('/installations', async ({ body }) => {
    contexts.state.installations.set(body.id, body);
    return {};
  });
};
