import { createHash } from 'node:crypto';
import type { JsonObject } from '../../model/object.ts';
import { groupKind } from '../../model/object.ts';
import type { TargetId, TargetParts } from '../../model/target.ts';

/**
 * Names and formats of the ApplySet specification. kubectl's code is the authority:
 * k8s.io/kubectl/pkg/cmd/apply/applyset.go, KEP-3659.
 */
export const partOfLabel = 'applyset.kubernetes.io/part-of';
export const idLabel = 'applyset.kubernetes.io/id';
export const toolingAnnotation = 'applyset.kubernetes.io/tooling';
export const groupKindsAnnotation = 'applyset.kubernetes.io/contains-group-kinds';
export const namespacesAnnotation = 'applyset.kubernetes.io/additional-namespaces';

export const toolName = 'slipway';
/** Field manager of everything that is applied for a target. */
export const fieldManager = toolName;
/** Field manager of parents, `<tool>-applyset` by the specification. */
export const parentManager = `${toolName}-applyset`;

/** The identity of the target whose parent it is; checked before every use. */
export const targetAnnotation = 'slipway.dev/target';
/** Says that members live in the parent's own namespace too, which the specification omits from its list. */
export const parentNamespaceAnnotation = 'slipway.dev/members-in-parent-namespace';

export interface ParentKey {
  name: string;
  namespace: string;
}

/** The set's id, also the value of its members' label. `kind` and `group` are those of the parent. */
export function applySetId(parent: ParentKey, kind = 'ConfigMap', group = ''): string {
  const text = [parent.name, parent.namespace, kind, group].join('.');
  return `applyset-${createHash('sha256').update(text).digest('base64url')}-v1`;
}

const longestName = 253;

/** 128 bits: tenants choose the names that are hashed, and nobody finds one with the hash of another's target. */
const hashDigits = 32;

/** As parents were named before, with which two targets could be made to share a name. */
const earlierHashDigits = 8;

/** `slipway-<app>-<environment>-<32 hex of sha256(identity)>`, as a valid DNS subdomain name. */
export function parentName(parts: TargetParts, identity: TargetId): string {
  return nameWith(hashDigits, parts, identity);
}

/**
 * The name that the parent of a target has if a version before 32 digits made it. It keeps this name: a set's id follows
 * from it, and is a label of every member.
 */
export function earlierParentName(parts: TargetParts, identity: TargetId): string {
  return nameWith(earlierHashDigits, parts, identity);
}

function nameWith(digits: number, { app, environment }: TargetParts, identity: TargetId): string {
  const hash = createHash('sha256').update(identity).digest('hex').slice(0, digits);
  const readable = `slipway-${app}-${environment}`.toLowerCase().replace(/[^a-z0-9-]+/g, '-');
  return `${readable.slice(0, longestName - digits - 1).replace(/-+$/, '')}-${hash}`;
}

/** Where members of a set may be: what a prune has to list. */
export interface Inventory {
  /** `Kind.group` */
  groupKinds: ReadonlySet<string>;
  namespaces: ReadonlySet<string>;
}

export const emptyInventory: Inventory = { groupKinds: new Set(), namespaces: new Set() };

export function inventoryOf(
  refs: { group: string; kind: string; namespace?: string | undefined }[],
): Inventory {
  const namespaces = refs.flatMap((ref) => (ref.namespace ? [ref.namespace] : []));
  return { groupKinds: new Set(refs.map(groupKind)), namespaces: new Set(namespaces) };
}

export function union(one: Inventory, other: Inventory): Inventory {
  return {
    groupKinds: new Set([...one.groupKinds, ...other.groupKinds]),
    namespaces: new Set([...one.namespaces, ...other.namespaces]),
  };
}

export function covers(one: Inventory, other: Inventory): boolean {
  const within = (set: ReadonlySet<string>, entries: ReadonlySet<string>) =>
    [...entries].every((entry) => set.has(entry));
  return within(one.groupKinds, other.groupKinds) && within(one.namespaces, other.namespaces);
}

export function sameInventory(one: Inventory, other: Inventory): boolean {
  return covers(one, other) && covers(other, one);
}

/** The annotations that carry an inventory on the parent. */
export function inventoryAnnotations(inventory: Inventory, parentNamespace: string): Record<string, string> {
  const others = [...inventory.namespaces].filter((namespace) => namespace !== parentNamespace);
  return {
    [groupKindsAnnotation]: [...inventory.groupKinds].sort().join(','),
    [namespacesAnnotation]: others.sort().join(','),
    ...(inventory.namespaces.has(parentNamespace) ? { [parentNamespaceAnnotation]: 'true' } : {}),
  };
}

export function readInventory(annotations: JsonObject, parentNamespace: string): Inventory {
  const list = (key: string) =>
    String(annotations[key] ?? '')
      .split(',')
      .filter(Boolean);
  const own = annotations[parentNamespaceAnnotation] === 'true' ? [parentNamespace] : [];
  return {
    groupKinds: new Set(list(groupKindsAnnotation)),
    namespaces: new Set([...list(namespacesAnnotation), ...own]),
  };
}

/** Splits `Kind.group`: the kind ends at the first dot. */
export function parseGroupKind(text: string): { group: string; kind: string } {
  const dot = text.indexOf('.');
  return dot < 0 ? { group: '', kind: text } : { kind: text.slice(0, dot), group: text.slice(dot + 1) };
}

/** The tool of a `<tool>/<version>` annotation; the tool's name may contain slashes. */
export function toolOf(tooling: string): string {
  const slash = tooling.lastIndexOf('/');
  return slash < 0 ? tooling : tooling.slice(0, slash);
}
