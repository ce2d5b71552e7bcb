import type { JsonObject } from '../../model/object.ts';
import type { KubeResponse } from '../client/client.ts';
import { objectPath } from '../discovery/resource.ts';
import { fieldManager } from '../inventory/applyset.ts';
import type { Subject } from './attempt.ts';
import type { Sending } from './release-ignored-fields.ts';

/**
 * A resourceVersion that no object has: an apply that carries it creates, and is refused with 409 if the object exists
 * already. So a first apply costs one request, and still nothing is overwritten that was not looked at.
 */
const notYetExisting = '1';

/** Server-side apply of one object, over the version that was read. */
export function sendApply(
  { context, resource, writing }: Subject,
  { before, object, version }: Sending,
): Promise<KubeResponse> {
  const read = before === undefined ? notYetExisting : version;
  const { namespace, ...clusterWide } = object.metadata;
  const metadata: JsonObject = { ...(resource.namespaced ? object.metadata : clusterWide) };
  if (read !== undefined) metadata.resourceVersion = read;
  return context.client.request({
    method: 'PATCH',
    path: objectPath(resource, { namespace, name: object.metadata.name ?? '' }),
    query: {
      fieldManager,
      force: true,
      fieldValidation: 'Strict',
      dryRun: writing.dryRun ? 'All' : undefined,
    },
    contentType: 'application/apply-patch+yaml',
    body: { ...object, metadata },
    as: context.account,
    signal: writing.signal,
  });
}
