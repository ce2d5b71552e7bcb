import type { Context } from './context.ts';
import { ForgeFailure } from './failure.ts';
import { FACES, type Face } from './protocol.ts';
import { type ForgeState, findRepository, type Repository } from './state.ts';

/** The contexts of both faces, for the admin interface. */
export interface ForgeContexts extends Record<Face, Context> {
  state: ForgeState;
}

/** The path of an admin request about one repository. The name is one encoded segment. */
export interface Place {
  face: string;
  repo: string;
}

export const contextOf = (contexts: ForgeContexts, face: string): Context => {
  const known = FACES.find((candidate) => candidate === face);
  if (known === undefined) throw new ForgeFailure(404, `No face ${face}: there are ${FACES.join(' and ')}`);
  return contexts[known];
};

export const placeOf = (
  contexts: ForgeContexts,
  place: Place,
): { context: Context; repository: Repository } => {
  const context = contextOf(contexts, place.face);
  return { context, repository: findRepository(context.face, place.repo) };
};
