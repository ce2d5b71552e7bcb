import { setTimeout as sleep } from 'node:timers/promises';
import { SlipwayError } from '../../errors.ts';
import { isObject, listOf, objectOf, textOf } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import type { ReleaseContext } from '../context.ts';
import type { Discovery } from '../discovery/discovery.ts';
import { readObject } from '../objects/read.ts';
import type { PlannedObject } from '../plan/plan.ts';

const firstPauseMs = 10;
const longestPauseMs = 500;
const patienceMs = 30_000;

/**
 * Waits until a CustomResourceDefinition is established and discovery serves its kinds, so that the objects of the
 * next waves find it. Throws OBJECT_INVALID if its names are taken, CLUSTER_BUSY after half a minute.
 */
export async function waitUntilServed(
  context: ReleaseContext,
  planned: PlannedObject,
  signal: AbortSignal,
): Promise<void> {
  const { ref: object } = planned;
  const { discovery } = context;
  const resource = await discovery.resource(object, signal);
  const until = performance.now() + patienceMs;
  for (let pause = firstPauseMs; ; pause = Math.min(longestPauseMs, pause * 2)) {
    const definition = resource && (await readObject(context, resource, object, signal));
    const refused = conditionOf(definition, 'NamesAccepted', 'False');
    if (refused) {
      throw new SlipwayError('OBJECT_INVALID', `its names are taken: ${refused}`, {
        object,
        place: planned.rendered.source,
        hint: 'Another CustomResourceDefinition of the group uses them: rename the kind or remove the other one.',
      });
    }
    const isEstablished = conditionOf(definition, 'Established', 'True') !== undefined;
    if (definition && isEstablished && (await isServed(discovery, definition, signal))) return;
    if (performance.now() > until) {
      throw new SlipwayError('CLUSTER_BUSY', `it was not established within ${patienceMs / 1000} s`, {
        object,
        place: planned.rendered.source,
      });
    }
    await sleep(pause, undefined, { signal }).catch(() => undefined);
    signal.throwIfAborted();
  }
}

/** The message of a condition that has this status; undefined if it has not. */
function conditionOf(definition: KubeObject | undefined, type: string, status: string): string | undefined {
  const conditions = listOf(objectOf(definition?.status).conditions);
  const found = conditions.find((one) => isObject(one) && one.type === type && one.status === status);
  return isObject(found) ? textOf(found.message) : undefined;
}

async function isServed(
  discovery: Discovery,
  { spec: raw }: KubeObject,
  signal: AbortSignal,
): Promise<boolean> {
  const spec = objectOf(raw);
  const catalog = await discovery.refresh(signal);
  const kind = textOf(objectOf(spec.names).kind);
  return listOf(spec.versions)
    .filter(isObject)
    .filter((version) => version.served === true)
    .every((version) => catalog.find(textOf(spec.group), textOf(version.name), kind) !== undefined);
}
