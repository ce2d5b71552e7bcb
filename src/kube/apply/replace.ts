import { isObject, listOf, objectOf, textOf } from '../../model/json.ts';
import type { JsonObject, JsonValue, KubeObject } from '../../model/object.ts';
import type { KubeResponse } from '../client/client.ts';
import { objectPath } from '../discovery/resource.ts';
import { fieldManager } from '../inventory/applyset.ts';
import { isOwnEntry, unionOfFields } from '../managed-fields.ts';
import type { Found } from '../objects/read.ts';
import { writeManagers } from '../objects/write-managers.ts';
import type { Attempt, Subject } from './attempt.ts';

/** Deleting these has effects beyond the object, and no file holds them. */
const neverTaken = ['f:finalizers', 'f:ownerReferences'];

/**
 * Argo CD's `Replace=true`: makes the fields that others have set Slipway's own, so that the apply that follows
 * removes what the file does not hold, as `kubectl replace` would. Resolves to the object as it then is. Entries of
 * another version cannot be joined (client-go, util/csaupgrade) and stay, as the status does.
 */
export async function takeAllFields(
  { context, planned, resource, writing }: Subject,
  before: Found,
): Promise<Found> {
  if (!before || before === 'unreadable' || writing.dryRun) return before;
  const managedFields = allOwn(before, planned.wanted.apiVersion);
  return managedFields ? writeManagers(context, before, resource, managedFields, writing) : before;
}

/** A dry run cannot take fields over first: it shows the change by the one request that does it all at once. */
export async function replaceDryRun(
  { context: { client, account }, planned: { wanted }, resource, writing: { dryRun, signal } }: Subject,
  { before, operation }: Attempt,
): Promise<KubeResponse | undefined> {
  if (!dryRun || operation.kind !== 'replace' || !before || before === 'unreadable') return undefined;
  const { resourceVersion, finalizers, ownerReferences, name, namespace } = before.metadata;
  const kept: JsonObject = {};
  for (const [key, value] of Object.entries({ resourceVersion, finalizers, ownerReferences })) {
    if (value !== undefined) kept[key] = value;
  }
  const metadata: JsonObject = { ...(wanted.metadata as JsonObject), ...kept };
  return client.request({
    method: 'PUT',
    path: objectPath(resource, { namespace, name: name ?? '' }),
    query: { fieldManager, fieldValidation: 'Strict', dryRun: 'All' },
    body: { ...wanted, metadata },
    as: account,
    signal,
  });
}

/** The managedFields with all that others own as Slipway's; undefined if nobody else owns anything. */
function allOwn(object: KubeObject, apiVersion: string): JsonValue[] | undefined {
  const entries = listOf(object.metadata.managedFields).filter(isObject);
  const own = entries.find(isOwnEntry);
  const version = own ? textOf(own.apiVersion) : apiVersion;
  const others = entries.filter(
    (entry) => entry !== own && entry.apiVersion === version && entry.subresource !== 'status',
  );
  if (others.length === 0) return undefined;
  const fieldsV1 = [objectOf(own?.fieldsV1), ...others.map((entry) => splitFields(entry).taken)].reduce(
    unionOfFields,
  );
  const left = others.flatMap((entry) => {
    const { kept } = splitFields(entry);
    return Object.keys(kept).length > 0 ? [{ ...entry, fieldsV1: { 'f:metadata': kept } }] : [];
  });
  const { subresource: _whole, ...shape }: JsonObject = own ?? others[0] ?? {};
  const entry: JsonObject = { ...shape, manager: fieldManager, operation: 'Apply', fieldsV1 };
  return [...entries.filter((one) => one !== own && !others.includes(one)), ...left, entry];
}

function splitFields({ fieldsV1 }: JsonObject): { taken: JsonObject; kept: JsonObject } {
  const fields = objectOf(fieldsV1);
  const metadata = Object.entries(objectOf(fields['f:metadata']));
  const isKept = ([name]: [string, unknown]) => neverTaken.includes(name);
  const kept = Object.fromEntries(metadata.filter(isKept));
  const rest = Object.fromEntries(metadata.filter((field) => !isKept(field)));
  return { kept, taken: 'f:metadata' in fields ? { ...fields, 'f:metadata': rest } : fields };
}
