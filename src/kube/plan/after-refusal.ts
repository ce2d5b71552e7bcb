import { isDeletionProtected } from '../../model/deletion-protected.ts';
import { objectOf } from '../../model/json.ts';
import type { JsonValue, KubeObject } from '../../model/object.ts';
import { isForced } from '../../model/sync-options.ts';
import type { KubeApiError } from '../client/api-error.ts';
import { obstaclesOf } from '../explain/immutable.ts';
import type { KindSchema } from '../explain/kind-schema.ts';
import { isDuplicatePort, withoutStalePorts } from '../explain/ports.ts';
import { inThisVersion, otherVersions } from './other-versions.ts';
import { staleMembers } from './stale-members.ts';

const recreateAnnotation = 'slipway.dev/recreate';

/** What lets the next apply of a refused object pass, and why, for the change set. */
export type Remedy =
  /** Delete the object and create it again. */
  | { kind: 'recreate'; reason: string }
  /** Write these managedFields, in which nothing stands in the way of the next apply any more. */
  | { kind: 'rewrite-managers'; reason: string; managedFields: JsonValue[] };

/**
 * Decides what to do about the API server's refusal to apply `wanted` over `live`; undefined: nothing can be done, and
 * the refusal is to be explained. Pure, apart from the schema, which is read only if the refusal names a CRD's rule.
 */
export async function decideAfterRefusal(
  refusal: KubeApiError,
  wanted: KubeObject,
  live: KubeObject,
  schema: KindSchema,
): Promise<Remedy | undefined> {
  const fixed = await fixedFields(refusal, wanted, live, schema);
  if (fixed) return { kind: 'recreate', reason: `deleted and recreated: ${fixed}` };
  return isDuplicatePort(refusal)
    ? withoutOldPorts(live, wanted)
    : withoutOtherMembers(refusal, wanted, live);
}

/**
 * What lets an apply pass that failed because managers own fields in other versions of the kind; undefined if it failed
 * for another reason. `before` is the object as read in those of the versions that are still served.
 */
export function decideAfterOtherVersion(
  live: KubeObject,
  before: ReadonlyMap<string, KubeObject>,
): Remedy | undefined {
  const versions = otherVersions(live);
  if (versions.length === 0) return undefined;
  const reason = `the fields applied as ${versions.join(', ')} are now owned as ${live.apiVersion}`;
  return { kind: 'rewrite-managers', reason, managedFields: inThisVersion(live, before) };
}

function withoutOldPorts(live: KubeObject, wanted: KubeObject): Remedy | undefined {
  const managedFields = withoutStalePorts(live, wanted);
  const reason = 'a port’s old number went with what another manager owned of it';
  return managedFields && { kind: 'rewrite-managers', reason, managedFields };
}

function withoutOtherMembers(
  { apiStatus }: KubeApiError,
  wanted: KubeObject,
  live: KubeObject,
): Remedy | undefined {
  const stale = staleMembers(apiStatus, wanted, live);
  if (!stale) return undefined;
  const reason = `${stale.fields.join(', ')} went, which no file has and which excludes what the file has`;
  return { kind: 'rewrite-managers', reason, managedFields: stale.managedFields };
}

/**
 * What cannot be changed in place, in words, if recreating the object is allowed and helps: by `slipway.dev/recreate:
 * allowed` or Argo CD's `Force=true`, never for a deletion-protected kind, nor if a new object would be refused too.
 */
async function fixedFields(
  refusal: KubeApiError,
  wanted: KubeObject,
  live: KubeObject,
  schema: KindSchema,
): Promise<string | undefined> {
  if (refusal.apiStatus.code !== 422 || isDeletionProtected(wanted)) return undefined;
  const allowed = objectOf(wanted.metadata.annotations)[recreateAnnotation] === 'allowed';
  if (!allowed && !isForced(wanted)) return undefined;
  const { fixed, others } = await obstaclesOf(refusal.apiStatus, wanted, live, schema);
  return fixed.length > 0 && others.length === 0 ? fixed.join('; ') : undefined;
}
