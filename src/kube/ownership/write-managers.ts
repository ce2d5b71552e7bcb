import { type JsonValue, type KubeObject, refOf } from '../../model/object.ts';
import { objectPath, type Resource } from '../discovery/resource.ts';
import type { Session } from '../session.ts';
import type { Writing } from '../writing.ts';

/** Writes who owns which fields, to the version that was looked at (409 where it has changed). Changes no field. */
export async function writeManagers(
  { client, account }: Session,
  live: KubeObject,
  resource: Resource,
  managedFields: JsonValue[],
  { lease, signal }: Writing,
): Promise<KubeObject> {
  await lease.beforeWrite();
  const { body } = await client.request({
    method: 'PATCH',
    path: objectPath(resource, refOf(live)),
    contentType: 'application/merge-patch+json',
    body: { metadata: { managedFields, resourceVersion: live.metadata.resourceVersion ?? '' } },
    as: account,
    signal,
  });
  return body as KubeObject;
}
