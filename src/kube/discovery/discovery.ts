import { SlipwayError } from '../../errors.ts';
import type { JsonObject } from '../../model/object.ts';
import type { KubeClient } from '../client/client.ts';
import { type Discovered, parseDiscovery } from './parse.ts';
import type { Resource } from './resource.ts';

/** The kinds that the cluster served at one moment. */
export interface Catalog {
  /** The resource of a kind in exactly this version. */
  find(group: string, version: string, kind: string): Resource | undefined;
  /** The resource of a kind in the version that the server prefers. */
  preferred(group: string, kind: string): Resource | undefined;
  /** Every `group/version` of an aggregated API that is down. While there are any, a kind that is not found may exist. */
  readonly stale: readonly string[];
  readonly groupVersions: readonly string[];
  readonly resources: readonly Resource[];
  /** When it was requested, by `performance.now`. */
  readonly at: number;
}

export interface Discovery {
  /** The cached catalog; requested if there is none, if it is older than ten minutes, or while an API is down. */
  catalog(signal?: AbortSignal): Promise<Catalog>;
  /** Requests the catalog. Concurrent calls share one request; an unchanged catalog costs the server only a 304. */
  refresh(signal?: AbortSignal): Promise<Catalog>;
  /**
   * The resource of a kind, in its preferred version if none is given. Undefined if the cluster does not serve it. The
   * catalog is requested again before that is said, because a CRD may have been created.
   */
  resource(
    kind: { group: string; version?: string | undefined; kind: string },
    signal?: AbortSignal,
  ): Promise<Resource | undefined>;
}

const keepMs = 600_000;
/** Unknown kinds refresh the catalog at most this often, so that a wrong manifest does not cause a flood of requests. */
const unknownKeepMs = 1_000;

const accept =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,' +
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList';

/** Uses aggregated discovery: two requests return all kinds (https://kubernetes.io/docs/concepts/overview/kubernetes-api/). */
export function createDiscovery(client: KubeClient): Discovery {
  const requestCore = createSource(client, '/api');
  const requestGroups = createSource(client, '/apis');
  let cached: Catalog | undefined;
  let running: Promise<Catalog> | undefined;

  const request = async (): Promise<Catalog> => {
    const at = performance.now();
    const [core, groups] = await Promise.all([requestCore(), requestGroups()]);
    cached = createCatalog(core, groups, at);
    return cached;
  };

  const refresh: Discovery['refresh'] = (signal) => {
    running ??= request().finally(() => {
      running = undefined;
    });
    return abortable(running, signal);
  };

  const catalog: Discovery['catalog'] = async (signal) =>
    cached && cached.stale.length === 0 && performance.now() - cached.at < keepMs ? cached : refresh(signal);

  return {
    catalog,
    refresh,
    async resource({ group, version, kind }, signal) {
      const findIn = (known: Catalog) =>
        version === undefined ? known.preferred(group, kind) : known.find(group, version, kind);
      const known = cached ?? (await catalog(signal));
      const found = findIn(known);
      if (found || performance.now() - known.at < unknownKeepMs) return found;
      return findIn(await refresh(signal));
    },
  };
}

/** One of the two discovery documents, cached with its ETag. */
function createSource(client: KubeClient, path: string): () => Promise<Discovered> {
  let cached: { etag: string; value: Discovered } | undefined;
  return async () => {
    const headers = cached ? { 'if-none-match': cached.etag } : {};
    const response = await client.request({ path, accept, headers });
    if (response.status === 304 && cached) return cached.value;
    const value = parseDiscovery(response.body);
    if (!value) throw tooOld(client.cluster, response.body);
    const { etag } = response.headers;
    cached = typeof etag === 'string' ? { etag, value } : undefined;
    return value;
  };
}

function tooOld(cluster: string, body: JsonObject): SlipwayError {
  const message = `cluster ${cluster} does not support aggregated discovery: it returned ${String(body.kind)}`;
  return new SlipwayError('CONFIG_INVALID', message, { hint: 'Use Kubernetes 1.27 or newer.' });
}

export function createCatalog(core: Discovered, groups: Discovered, at: number): Catalog {
  const resources = [...core.resources, ...groups.resources];
  const exact = new Map<string, Resource>();
  const preferred = new Map<string, Resource>();
  for (const resource of resources) {
    const groupKind = `${resource.group}/${resource.kind}`;
    const key = `${groupKind}/${resource.version}`;
    if (!exact.has(key)) exact.set(key, resource);
    if (!preferred.has(groupKind)) preferred.set(groupKind, resource);
  }
  return {
    find: (group, version, kind) => exact.get(`${group}/${kind}/${version}`),
    preferred: (group, kind) => preferred.get(`${group}/${kind}`),
    stale: [...core.stale, ...groups.stale],
    groupVersions: [...core.groupVersions, ...groups.groupVersions],
    resources,
    at,
  };
}

/** Rejects if the signal aborts, without cancelling the shared request. */
async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  signal.throwIfAborted();
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
