import type { FastifyInstance } from 'fastify';
import { type ForgeContexts, type Place, placeOf } from '../contexts.ts';
import type { MergeMethod, NewPull } from '../protocol.ts';
import { mergePull } from '../pulls/merge.ts';
import { closePull, findPull, openPull, pullSummary } from '../pulls/open.ts';

type Numbered = { Params: Place & { number: string } };

export const pullRoutes = (app: FastifyInstance, contexts: ForgeContexts): void => {
  const at = '/:face/:repo/pulls/:number';
  app.post<{ Params: Place; Body: NewPull }>('/:face/:repo/pulls', async ({ params, body }) => {
    const { context, repository } = placeOf(contexts, params);
    return pullSummary(await openPull(context, repository, body));
  });
  app.get<Numbered>(at, async ({ params }) =>
    pullSummary(findPull(placeOf(contexts, params).repository, Number(params.number))),
  );
  app.post<Numbered & { Body: { method?: MergeMethod } }>(`${at}/merge`, async ({ params, body }) => {
    const { context, repository } = placeOf(contexts, params);
    const pull = findPull(repository, Number(params.number));
    await mergePull(context, repository, pull, { method: body.method ?? 'merge' });
    return pullSummary(pull);
  });
  app.post<Numbered>(`${at}/close`, async ({ params }) => {
    const { context, repository } = placeOf(contexts, params);
    const pull = findPull(repository, Number(params.number));
    closePull(context, repository, pull);
    return pullSummary(pull);
  });
};
