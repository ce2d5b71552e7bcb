import { setTimeout as sleep } from 'node:timers/promises';
import { describePlace, SlipwayError } from '../../errors.ts';
import { waveNumber } from '../../model/hook.ts';
import { describeRef, groupKind } from '../../model/object.ts';
import { kindComesLater } from '../../model/sync-options.ts';
import type { Discovery } from '../discovery/discovery.ts';
import { refuseWhileDown } from '../discovery/down.ts';
import type { Resource } from '../discovery/resource.ts';
import { missingKindOf } from '../explain/missing-kind.ts';
import type { PlannedObject } from '../plan/plan.ts';
import type { Session } from '../session.ts';
import type { Writing } from '../writing.ts';

/** An operator that is ready has mostly made its kinds; a second is what discovery asks at most often. */
const patienceMs = 30_000;
const pauseMs = 1_000;

/** The resource of an object's kind. Throws OBJECT_INVALID, with the next step, where the cluster does not serve it. */
export async function servedResource(
  session: Session,
  planned: PlannedObject,
  writing: Writing,
): Promise<Resource> {
  const { ref, rendered } = planned;
  const resource = await resourceInTime(session.discovery, planned, writing);
  if (resource) return resource;
  const catalog = await session.discovery.catalog(writing.signal);
  refuseWhileDown(catalog, ref.group, session.client.cluster);
  const { resources } = catalog;
  const missing = missingKindOf(ref, session.client.cluster, resources);
  const object = describeRef(ref);
  const isServed = resources.some((one) => groupKind(one) === groupKind(ref));
  const hint = isServed ? missing.hint : (laterDefinition(planned) ?? missing.hint);
  throw new SlipwayError(missing.code, `${object}: ${missing.what}`, {
    object,
    place: rendered.source,
    hint,
  });
}

/**
 * The resource of an object's kind; where the object says that its kind comes later, that is waited for. Undefined:
 * the cluster does not serve it. Throws RULE_REFUSED where such a kind turns out to live outside namespaces.
 */
async function resourceInTime(
  discovery: Discovery,
  planned: PlannedObject,
  writing: Writing,
): Promise<Resource | undefined> {
  const found = await discovery.resource(planned.ref, writing.signal);
  if (!kindComesLater(planned.rendered.object)) return found;
  const resource = found ?? (writing.dryRun ? undefined : await comes(discovery, planned, writing));
  if (resource && !resource.namespaced && planned.ref.namespace !== undefined) throw scopeUnknown(planned);
  return resource;
}

function comes(
  discovery: Discovery,
  planned: PlannedObject,
  writing: Writing,
): Promise<Resource | undefined> {
  const signal = AbortSignal.any([writing.signal, writing.waits.signal]);
  return writing.waits.aside(async () => {
    const until = Date.now() + patienceMs;
    let found: Resource | undefined;
    while (!found && Date.now() < until) {
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      signal.throwIfAborted();
      found = await discovery.resource(planned.ref, signal);
    }
    return found;
  });
}

/** The next step where the app brings the kind's definition, and brings it too late. */
function laterDefinition({ wanted, definition }: PlannedObject): string | undefined {
  if (!definition || waveNumber(definition.object) <= waveNumber(wanted)) return undefined;
  return `Its CustomResourceDefinition (${describePlace(definition.source)}) is in wave ${waveNumber(definition.object)}, which comes later: give it an earlier one.`;
}

/** The operator's rules were asked about it as an object of a namespace, since nobody could know better. */
function scopeUnknown({ ref, rendered }: PlannedObject): SlipwayError {
  const object = describeRef(ref);
  const message = `${object}: its kind lives outside namespaces, which was not known when the rules were asked`;
  return new SlipwayError('RULE_REFUSED', message, {
    object,
    place: rendered.source,
    hint: 'Retry the release: the cluster knows the kind by now, and the rules are asked again.',
  });
}
