import { SlipwayError } from '../../errors.ts';
import type { JsonObject } from '../../model/object.ts';
import type { KubeClient } from '../client/client.ts';
import { type Discovered, parseDiscovery } from './parse.ts';
import type { Resource } from './resource.ts';

/** What the cluster serves, at one moment. */
export interface Catalog {
  /** The resource of a kind in exactly this version. */
  find(group: string, version: string, kind: string): Resource | undefined;
  /** The resource of a kind in the version that the server prefers. */
  preferred(group: string, kind: string): Resource | undefined;
  /** `group/version`s of aggregated APIs that are down. Not empty: whether something is missing cannot be said. */
  readonly stale: readonly string[];
  readonly groupVersions: readonly string[];
  readonly resources: readonly Resource[];
  /** Milliseconds since the epoch at which it was asked for. */
  readonly at: number;
}

export interface Discovery {
  /** The catalog that is kept; asked for when there is none or it is old. */
  catalog(signal?: AbortSignal): Promise<Catalog>;
  /** Asks again, once for all who ask meanwhile; an unchanged answer costs the server a 304. */
  refresh(signal?: AbortSignal): Promise<Catalog>;
  /**
   * The resource of a kind; the catalog is asked for again where it does not know it (a CRD may have landed).
   * Without a version, the preferred one. Undefined: the cluster does not serve it.
   */
  resource(
    kind: { group: string; version?: string | undefined; kind: string },
    signal?: AbortSignal,
  ): Promise<Resource | undefined>;
}

const keepMs = 600_000;
/** An unknown kind asks again at most this often, so that a wrong manifest does not become a storm. */
const unknownKeepMs = 1_000;

const accept =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,' +
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList';

/** Aggregated discovery: two requests tell everything (kubernetes.io/docs/concepts/overview/kubernetes-api). */
export function createDiscovery(client: KubeClient): Discovery {
  const cores = [createSource(client, '/api'), createSource(client, '/apis')] as const;
  let kept: Catalog | undefined;
  let running: Promise<Catalog> | undefined;

  const ask = async (): Promise<Catalog> => {
    const at = Date.now();
    const [core, groups] = await Promise.all([cores[0](), cores[1]()]);
    kept = createCatalog(core, groups, at);
    return kept;
  };

  const refresh: Discovery['refresh'] = (signal) => {
    running ??= ask().finally(() => {
      running = undefined;
    });
    return abortable(running, signal);
  };

  const catalog: Discovery['catalog'] = async (signal) =>
    kept && kept.stale.length === 0 && Date.now() - kept.at < keepMs ? kept : refresh(signal);

  return {
    catalog,
    refresh,
    async resource({ group, version, kind }, signal) {
      const look = (known: Catalog) =>
        version === undefined ? known.preferred(group, kind) : known.find(group, version, kind);
      const known = kept ?? (await catalog(signal));
      const found = look(known);
      if (found || Date.now() - known.at < unknownKeepMs) return found;
      return look(await refresh(signal));
    },
  };
}

/** One of the two documents, kept with its ETag. */
function createSource(client: KubeClient, path: string): () => Promise<Discovered> {
  let kept: { etag: string; value: Discovered } | undefined;
  return async () => {
    const headers = kept ? { 'if-none-match': kept.etag } : {};
    const response = await client.request({ path, accept, headers });
    if (response.status === 304 && kept) return kept.value;
    const value = parseDiscovery(response.body);
    if (!value) throw tooOld(client.cluster, response.body);
    const { etag } = response.headers;
    kept = typeof etag === 'string' ? { etag, value } : undefined;
    return value;
  };
}

function tooOld(cluster: string, body: JsonObject): SlipwayError {
  const message = `cluster ${cluster} answered discovery with ${String(body.kind)}: aggregated discovery is needed`;
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

/** The shared answer goes on for the others when one of those who wait is aborted. */
async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  signal.throwIfAborted();
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
