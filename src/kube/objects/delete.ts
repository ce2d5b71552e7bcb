import { SlipwayError } from '../../errors.ts';
import { textOf } from '../../model/json.ts';
import type { Masks } from '../../model/masks.ts';
import { type KubeObject, refOf } from '../../model/object.ts';
import type { SourcePlace } from '../../model/source-place.ts';
import type { Waits } from '../../ports/cluster.ts';
import { isApiError } from '../client/api-error.ts';
import { objectPath, type Resource } from '../discovery/resource.ts';
import { explain } from '../explain/explain.ts';
import { noSchema } from '../explain/kind-schema.ts';
import type { Writing } from '../writing.ts';
import { describeDeletion, untilGone } from './gone.ts';
import type { Reader } from './read.ts';

export interface Deletion {
  object: KubeObject;
  resource: Resource;
  /** What happens to its dependents: https://kubernetes.io/docs/concepts/architecture/garbage-collection. */
  propagation: 'Background' | 'Foreground' | 'Orphan';
  /** `version`: only if nobody has changed it since it was read. `uid`: this very object, changed or not. */
  only: 'version' | 'uid';
  /** The file that still has the object. */
  source?: SourcePlace | undefined;
}

export interface Deleter extends Reader {
  masks: Masks;
}

/**
 * Deletes one object as the release's account. Resolves to `gone`, to `deleting` while dependents or finalizers hold it
 * up, or to `changed` if the precondition did not hold: then nothing was deleted. Throws the API server's refusal
 * explained.
 */
export async function deleteObject(
  { client, account, masks }: Deleter,
  { object, resource, propagation, only, source }: Deletion,
  { lease, signal, dryRun }: Pick<Writing, 'lease' | 'signal' | 'dryRun'>,
): Promise<'gone' | 'deleting' | 'changed'> {
  const ref = refOf(object);
  const { uid, resourceVersion } = object.metadata;
  const version = only === 'version' ? { resourceVersion: textOf(resourceVersion) } : {};
  await lease.beforeWrite();
  try {
    const { body } = await client.request({
      method: 'DELETE',
      path: objectPath(resource, ref),
      // A DELETE with a body reads its options from the body alone: `?dryRun=All` beside it would delete for real.
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        propagationPolicy: propagation,
        preconditions: { uid: textOf(uid), ...version },
        ...(dryRun ? { dryRun: ['All'] } : {}),
      },
      as: account,
      signal,
    });
    // The API server answers with the object itself while something still holds it up.
    return body.kind === 'Status' ? 'gone' : 'deleting';
  } catch (error) {
    if (isApiError(error, 404)) return 'gone';
    if (isApiError(error, 409)) return 'changed';
    const { cluster } = client;
    const asked = { ref, object, source, resource, verb: 'delete', account, cluster, masks } as const;
    throw await explain(error, asked, noSchema);
  }
}

/** A pod has 30 s to end unless it says otherwise. */
const goneWithinMs = 90_000;

/**
 * Deletes an object that is to be created again, and waits until it is gone: outside of the release's permit if `waits`
 * is given. An object that changed since it was read is left alone; the next apply finds it. Throws OBJECT_REFUSED if
 * the object is still there after 90 s.
 */
export async function deleteToRecreate(
  deleter: Deleter,
  deletion: Deletion,
  writing: Pick<Writing, 'lease' | 'signal' | 'dryRun'>,
  waits?: Waits,
): Promise<void> {
  if ((await deleteObject(deleter, deletion, writing)) !== 'deleting') return;
  const signal = waits ? AbortSignal.any([writing.signal, waits.signal]) : writing.signal;
  const wait = () => untilGone(deleter, [deletion], { withinMs: goneWithinMs, signal });
  const [left] = await (waits ? waits.withoutPermit(wait) : wait());
  if (!left) return;
  throw new SlipwayError('OBJECT_REFUSED', `cannot be recreated: ${describeDeletion(left)}`, {
    object: refOf(left),
    place: deletion.source,
    hint: 'Remove its finalizers or what they wait for, then retry the release.',
  });
}
