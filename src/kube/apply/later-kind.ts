import { setTimeout as sleep } from 'node:timers/promises';
import { SlipwayError } from '../../errors.ts';
import { waveNumber } from '../../model/hook.ts';
import { groupKind } from '../../model/object.ts';
import { describePlace } from '../../model/source-place.ts';
import { kindComesLater } from '../../model/sync-options.ts';
import type { ReleaseContext } from '../context.ts';
import type { Discovery } from '../discovery/discovery.ts';
import { refuseWhileDown } from '../discovery/down.ts';
import type { Resource } from '../discovery/resource.ts';
import { missingKindOf } from '../explain/missing-kind.ts';
import type { PlannedObject } from '../plan/plan.ts';
import type { Writing } from '../writing.ts';

/** An operator that is ready has mostly created its kinds; discovery asks at most once a second. */
const patienceMs = 30_000;
const pauseMs = 1_000;

/** The resource of an object's kind. Throws OBJECT_INVALID, with the next step, if the cluster does not serve it. */
export async function servedResource(
  { client, discovery }: ReleaseContext,
  planned: PlannedObject,
  writing: Writing,
): Promise<Resource> {
  const { ref, rendered } = planned;
  const resource = await resourceInTime(discovery, planned, writing);
  if (resource) return resource;
  const catalog = await discovery.catalog(writing.signal);
  refuseWhileDown(catalog, ref.group, client.cluster);
  const { resources } = catalog;
  const missing = missingKindOf(ref, client.cluster, resources);
  const isServed = resources.some((one) => groupKind(one) === groupKind(ref));
  const hint = isServed ? missing.hint : (laterDefinition(planned) ?? missing.hint);
  throw new SlipwayError(missing.code, missing.what, {
    object: ref,
    place: rendered.source,
    hint,
  });
}

/**
 * The resource of an object's kind; undefined: the cluster does not serve it. If the object says that its kind comes
 * later, the kind is waited for. Throws RULE_REFUSED if such a kind turns out to be cluster-scoped.
 */
async function resourceInTime(
  discovery: Discovery,
  planned: PlannedObject,
  writing: Writing,
): Promise<Resource | undefined> {
  const found = await discovery.resource(planned.ref, writing.signal);
  if (!kindComesLater(planned.rendered.object)) return found;
  const resource = found ?? (writing.dryRun ? undefined : await waitForKind(discovery, planned, writing));
  if (resource && !resource.namespaced && planned.ref.namespace !== undefined) throw scopeUnknown(planned);
  return resource;
}

function waitForKind(
  discovery: Discovery,
  planned: PlannedObject,
  writing: Writing,
): Promise<Resource | undefined> {
  const signal = AbortSignal.any([writing.signal, writing.waits.signal]);
  return writing.waits.withoutPermit(async () => {
    const until = performance.now() + patienceMs;
    let found: Resource | undefined;
    while (!found && performance.now() < until) {
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      signal.throwIfAborted();
      found = await discovery.resource(planned.ref, signal);
    }
    return found;
  });
}

/** The next step if the app has the kind's definition, but in a later wave. */
function laterDefinition({ wanted, definition }: PlannedObject): string | undefined {
  if (!definition || waveNumber(definition.object) <= waveNumber(wanted)) return undefined;
  return `Its CustomResourceDefinition (${describePlace(definition.source)}) is in wave ${waveNumber(definition.object)}, which comes later: give it an earlier one.`;
}

/** The operator's rules were evaluated for an object of a namespace, because the scope was not known then. */
function scopeUnknown({ ref, rendered }: PlannedObject): SlipwayError {
  const summary = 'its kind is cluster-scoped, which was not known when the rules were evaluated';
  return new SlipwayError('RULE_REFUSED', summary, {
    object: ref,
    place: rendered.source,
    hint: 'Retry the release: the cluster knows the kind by now, and the rules are evaluated again.',
  });
}
