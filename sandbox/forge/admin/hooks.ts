import type { FastifyInstance } from 'fastify';
import { now } from '../clock.ts';
import { type ForgeContexts, type Place, placeOf } from '../contexts.ts';
import { pingEvent } from '../github/events.ts';
import type { Delivery, DeliveryFilter, NewHook } from '../protocol.ts';
import type { Hook } from '../state.ts';

const fits = (delivery: Delivery, filter: DeliveryFilter): boolean =>
  (filter.face === undefined || delivery.face === filter.face) &&
  (filter.repo === undefined || delivery.repo === filter.repo) &&
  (filter.event === undefined || delivery.event === filter.event) &&
  (filter.hookId === undefined || delivery.hookId === Number(filter.hookId)) &&
  delivery.id > Number(filter.after ?? 0);

export const hookRoutes = (app: FastifyInstance, contexts: ForgeContexts): void => {
  const { state } = contexts;
  app.post<{ Params: Place; Body: NewHook }>('/:face/:repo/hooks', async ({ params, body }) => {
    const { context, repository } = placeOf(contexts, params);
    const hook: Hook = { ...body, id: state.nextId(), createdAt: now() };
    repository.hooks.set(hook.id, hook);
    if (repository.face === 'github') {
      context.sender.send(repository, pingEvent(context, repository, hook), null, hook);
    }
    return { id: hook.id };
  });
  app.delete<{ Params: Place & { id: string } }>('/:face/:repo/hooks/:id', async ({ params }) => {
    placeOf(contexts, params).repository.hooks.delete(Number(params.id));
    return {};
  });
  app.get<{ Querystring: DeliveryFilter }>('/deliveries', async ({ query }) =>
    state.deliveries.filter((delivery) => fits(delivery, query)),
  );
  app.post<{ Params: { id: string } }>('/deliveries/:id/redeliver', async ({ params }) =>
    contexts.github.sender.redeliver(Number(params.id)),
  );
  app.post('/quiet', async () => {
    await contexts.github.sender.idle();
    return {};
  });
};
