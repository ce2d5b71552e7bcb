import type { ApiClient } from './api-client.ts';
import { type TargetResponse, targetsSchema } from './api-schema.ts';

/** Targets of one page; the most that the API allows. */
const PAGE = '1000';

/** The filters of `GET /api/targets`. */
export interface TargetQuery {
  project?: string;
  repository?: string;
  environment?: string;
  cluster?: string;
  state?: string;
}

/** All targets that match, page by page. */
export async function allTargets(api: ApiClient, filter: TargetQuery = {}): Promise<TargetResponse[]> {
  const found: TargetResponse[] = [];
  let after: string | undefined;
  do {
    const { targets, next } = await api.get('/api/targets', targetsSchema, { ...filter, limit: PAGE, after });
    found.push(...targets);
    after = next;
  } while (after !== undefined);
  return found;
}
