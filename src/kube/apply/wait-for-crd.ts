import { setTimeout as sleep } from 'node:timers/promises';
import { SlipwayError } from '../../errors.ts';
import { isObject, listOf, objectOf, textOf } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import type { KubeClient } from '../client/client.ts';
import type { Discovery } from '../discovery/discovery.ts';
import type { PlannedObject } from '../plan/plan.ts';

const firstPauseMs = 10;
const longestPauseMs = 500;
const patienceMs = 30_000;

/**
 * Waits until a CustomResourceDefinition is established and discovery serves its kinds, so that the objects of the
 * next waves find it. Throws OBJECT_INVALID if its names are taken, CLUSTER_BUSY after half a minute.
 */
export async function waitUntilServed(
  { client, discovery }: { client: KubeClient; discovery: Discovery },
  planned: PlannedObject,
  signal: AbortSignal,
): Promise<void> {
  const { ref: object } = planned;
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${planned.ref.name}`;
  const until = Date.now() + patienceMs;
  for (let pause = firstPauseMs; ; pause = Math.min(longestPauseMs, pause * 2)) {
    const { body } = await client.request({ path, signal });
    const refused = conditionOf(body, 'NamesAccepted', 'False');
    if (refused) {
      throw new SlipwayError('OBJECT_INVALID', `its names are taken: ${refused}`, {
        object,
        place: planned.rendered.source,
        hint: 'Another CustomResourceDefinition of the group uses them: rename the kind or remove the other one.',
      });
    }
    if (conditionOf(body, 'Established', 'True') !== undefined && (await isServed(discovery, body, signal)))
      return;
    if (Date.now() > until) {
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
function conditionOf(definition: KubeObject | object, type: string, status: string): string | undefined {
  const conditions = isObject(definition) ? listOf(objectOf(definition.status).conditions) : [];
  const found = conditions.find((one) => isObject(one) && one.type === type && one.status === status);
  return isObject(found) ? textOf(found.message) : undefined;
}

async function isServed(discovery: Discovery, definition: object, signal: AbortSignal): Promise<boolean> {
  const spec = isObject(definition) ? objectOf(definition.spec) : {};
  const catalog = await discovery.refresh(signal);
  const kind = textOf(objectOf(spec.names).kind);
  return listOf(spec.versions)
    .filter(isObject)
    .filter((version) => version.served === true)
    .every((version) => catalog.find(textOf(spec.group), textOf(version.name), kind) !== undefined);
}
