import type { FastifyRequest } from 'fastify';
import type { RecordedRequest } from './protocol.ts';
import type { FaceState, Repository } from './state.ts';

/** More than any test or benchmark makes; the oldest are dropped first. */
const KEPT = 10_000;

const restPath = (url: string): string => (url.split('?')[0] ?? '').replace(/^\/api\/v[34]/, '');

const PLACES = [
  /^\/repos\/([^/]+\/[^/]+)/,
  /^\/projects\/([^/]+)/,
  /^\/(.+?)(?:\.git)?\/(?:info\/refs|git-[a-z]+-pack)$/,
];

/** The repository that a REST or Git address names, or null. */
export const repositoryOf = (face: FaceState, url: string): Repository | null => {
  const path = restPath(url);
  const written = PLACES.map((place) => place.exec(path)?.[1]).find((name) => name !== undefined) ?? '';
  const name = decodeURIComponent(written).toLowerCase();
  if (!/^\d+$/.test(name)) return face.repositories.get(name) ?? null;
  return [...face.repositories.values()].find(({ id }) => id === Number(name)) ?? null;
};

/** Keeps requests and responses without headers, which carry the credentials. */
export const recordRequest = (
  face: FaceState,
  request: FastifyRequest,
  outcome: Pick<RecordedRequest, 'at' | 'kind' | 'status' | 'response'>,
): void => {
  face.requests.push({
    ...outcome,
    repo: repositoryOf(face, request.url)?.fullName ?? null,
    method: request.method,
    path: restPath(request.url),
    query: { ...(request.query as Record<string, unknown>) },
    body: outcome.kind === 'rest' ? (request.body ?? null) : null,
  });
  if (face.requests.length > KEPT) face.requests.splice(0, KEPT / 10);
};
