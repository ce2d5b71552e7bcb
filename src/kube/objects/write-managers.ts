import { type JsonValue, type KubeObject, refOf } from '../../model/object.ts';
import { objectPath, type Resource } from '../discovery/resource.ts';
import type { Writing } from '../writing.ts';
import type { Reader } from './read.ts';

/**
 * Writes which manager owns which fields, and changes no field. Resolves to the object as it then is. Rejects with a
 * KubeApiError of 409 if the object has changed since it was read.
 */
export async function writeManagers(
  { client, account }: Reader,
  live: KubeObject,
  resource: Resource,
  managedFields: JsonValue[],
  { lease, signal }: Pick<Writing, 'lease' | 'signal'>,
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
