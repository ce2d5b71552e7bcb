import type { JsonObject } from '../../model/object.ts';
import type { Resource } from './resource.ts';

/** One answer of aggregated discovery (`/api` or `/apis`), reduced to what Slipway uses. */
export interface Discovered {
  /** In the server's order of preference within each group. */
  resources: Resource[];
  /** `group/version`s whose server (an aggregated API) did not answer: what they serve is not known now. */
  stale: string[];
  /** Every served `group/version`; the core group's has no slash. */
  groupVersions: string[];
}

interface RawGroup {
  metadata?: { name?: string };
  versions?: RawVersion[];
}

interface RawVersion {
  version: string;
  freshness?: string;
  resources?: RawResource[];
}

interface RawResource {
  resource: string;
  responseKind?: { group?: string; version?: string; kind?: string };
  scope?: string;
  verbs?: string[];
}

/** Reads an APIGroupDiscoveryList (apidiscovery.k8s.io/v2, and v2beta1, whose shape is the same). */
export function parseDiscovery(body: JsonObject): Discovered | undefined {
  if (body.kind !== 'APIGroupDiscoveryList') return undefined;
  const { items = [] } = body as { items?: RawGroup[] };
  const found: Discovered = { resources: [], stale: [], groupVersions: [] };
  for (const group of items) {
    const name = group.metadata?.name ?? '';
    for (const version of group.versions ?? []) addVersion(found, name, version);
  }
  return found;
}

function addVersion(found: Discovered, group: string, version: RawVersion): void {
  const groupVersion = group === '' ? version.version : `${group}/${version.version}`;
  found.groupVersions.push(groupVersion);
  if (version.freshness === 'Stale') found.stale.push(groupVersion);
  for (const raw of version.resources ?? []) {
    const kind = raw.responseKind?.kind;
    if (!kind) continue;
    found.resources.push({
      group,
      version: version.version,
      kind,
      resource: raw.resource,
      namespaced: raw.scope === 'Namespaced',
      verbs: raw.verbs ?? [],
    });
  }
}
