import type { JsonObject } from '../../model/object.ts';
import type { Resource } from './resource.ts';

/** One document of aggregated discovery (`/api` or `/apis`), reduced to what Slipway uses. */
export interface Discovered {
  /** In the server's order of preference within each group. */
  resources: Resource[];
  /** Every `group/version` of an aggregated API that did not respond, so that its kinds are unknown. */
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
  subresources?: { subresource?: string }[];
}

/** Parses an APIGroupDiscoveryList (apidiscovery.k8s.io/v2 or v2beta1, which have the same shape); undefined for another kind. */
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
      hasStatus: (raw.subresources ?? []).some(({ subresource }) => subresource === 'status'),
    });
  }
}
