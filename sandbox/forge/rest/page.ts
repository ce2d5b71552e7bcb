import type { FastifyReply, FastifyRequest } from 'fastify';

export interface PageQuery {
  page?: string;
  per_page?: string;
}

const MOST = 100;

/**
 * Returns a page of a list as both forges do (30 items at GitHub, 20 at GitLab, 100 at most) and writes the headers that
 * lead to the next one: `link` for both, `x-next-page` and the like for GitLab.
 */
export const page = <T>(
  request: FastifyRequest<{ Querystring: PageQuery }>,
  reply: FastifyReply,
  all: readonly T[],
  options: { url: string; perPage: number },
): T[] => {
  const number = Math.max(1, Number(request.query.page ?? 1));
  const size = Math.min(MOST, Math.max(1, Number(request.query.per_page ?? options.perPage)));
  const last = Math.max(1, Math.ceil(all.length / size));
  const address = (to: number, rel: string): string => {
    const url = new URL(request.url, options.url);
    url.searchParams.set('page', String(to));
    return `<${url.href}>; rel="${rel}"`;
  };
  const links = [
    ...(number > 1 ? [address(number - 1, 'prev'), address(1, 'first')] : []),
    ...(number < last ? [address(number + 1, 'next'), address(last, 'last')] : []),
  ];
  if (links.length > 0) reply.header('link', links.join(', '));
  reply.headers({
    'x-page': number,
    'x-per-page': size,
    'x-total': all.length,
    'x-total-pages': last,
    'x-next-page': number < last ? number + 1 : '',
    'x-prev-page': number > 1 ? number - 1 : '',
  });
  return all.slice((number - 1) * size, number * size);
};
