import { z } from 'zod';
import type { Child } from '../child.ts';
import { until } from '../until.ts';
import type { Api } from './api.ts';
import { NODES } from './seed.ts';

const conditionsSchema = z.object({
  status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })) }),
});

/** Waits until the API server reports that it is ready. */
export async function waitUntilReady(api: Api, children: readonly Child[]): Promise<void> {
  await until(async () => (await api.send('GET', '/readyz')).status === 200, {
    what: 'the API server to be ready',
    children,
  });
}

/** Waits until the namespace `default` accepts pods and both nodes are ready. */
export async function takesPods(api: Api, children: readonly Child[]): Promise<void> {
  await until(async () => (await isServiceAccountThere(api)) && (await areNodesReady(api)), {
    what: 'nodes and the default service account',
    children,
  });
}

async function isServiceAccountThere(api: Api): Promise<boolean> {
  return (await api.send('GET', '/api/v1/namespaces/default/serviceaccounts/default')).status === 200;
}

async function areNodesReady(api: Api): Promise<boolean> {
  const responses = await Promise.all(NODES.map((name) => api.send('GET', `/api/v1/nodes/${name}`)));
  return responses.every(({ body }) => isReady(body));
}

function isReady(node: unknown): boolean {
  const { data } = conditionsSchema.safeParse(node);
  return data?.status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}
