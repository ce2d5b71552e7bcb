import { SlipwayError } from '../../errors.ts';
import type { FieldMatcher } from '../../model/field-rule.ts';
import { objectOf, textOf } from '../../model/json.ts';
import {
  groupKind,
  type KubeObject,
  type ObjectRef,
  type RenderedObject,
  refKey,
  refOf,
} from '../../model/object.ts';
import { describePlace } from '../../model/source-place.ts';
import { refuseInseparable } from '../ignore/refuse-inseparable.ts';
import type { FinishedJobs } from '../inventory/finished-jobs.ts';
import { type Live, liveVersionOf } from '../live/live.ts';
import { isBeingDeleted } from '../objects/gone.ts';
import { controlPlaneFields, withoutFields } from './control-plane-fields.ts';
import { isForceReplaced, markedForRelease } from './force-replace.ts';
import { decideOperation, type Operation, skipIfFinished, type Wanted } from './operation.ts';
import { inOwnWaves, isDefinition } from './order.ts';
import { prepare } from './prepare.ts';

/**
 * One object on its way to the cluster: `wanted` is sent as it is if the object does not exist yet; else without the
 * fields at `ignored`, which slipway.yaml, the kind's own rules or an autoscaler leave to others.
 */
export interface PlannedObject extends Wanted {
  ref: ObjectRef;
  rendered: RenderedObject;
  /** The member that is live now; undefined if there is none, or none in this version. */
  before: KubeObject | undefined;
  /** What is done with the object as it was found. Decided again if it turns out to have changed since. */
  operation: Operation;
  /** The definition of its kind, if the app has it. */
  definition?: RenderedObject | undefined;
}

/** What an apply does, wave by wave. */
export interface ApplyPlan {
  waves: PlannedObject[][];
  /** Objects that cannot be sent at all; then nothing is applied. */
  problems: { rendered: RenderedObject; error: SlipwayError }[];
  /** Objects are taken over from another target or tool: the release is no installation. */
  takesOver?: boolean;
}

export interface PlanInput {
  live: Live;
  /** Id of the target's ApplySet. */
  setId: string;
  finished: FinishedJobs;
  ignores: FieldMatcher;
  /** The same in every attempt of one release; undefined in a dry run. */
  releaseKey: string | undefined;
}

/** Pure: the rendered objects against what is live, in the order of their own waves and of the table of kinds. */
export function planApply(objects: RenderedObject[], input: PlanInput): ApplyPlan {
  const planned: PlannedObject[] = [];
  const problems: ApplyPlan['problems'] = [];
  const seen = new Map<string, RenderedObject>();
  const definitions = definitionsIn(objects);
  for (const rendered of objects) {
    try {
      refuseDuplicate(rendered, seen);
      const one = planObject(rendered, input);
      planned.push({ ...one, definition: definitions.get(groupKind(one.ref)) });
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error;
      problems.push({ rendered, error });
    }
  }
  return { waves: inOwnWaves(planned, (one) => one.wanted), problems };
}

/** Whether nothing is sent for the object. */
export function isSkipped({ operation }: Pick<PlannedObject, 'operation'>): boolean {
  return operation.kind === 'skip';
}

function planObject(rendered: RenderedObject, input: PlanInput): PlannedObject {
  const { live, setId, finished, ignores, releaseKey } = input;
  const prepared = prepare(rendered, setId);
  const ref = refOf(prepared);
  const before = liveVersionOf(live, prepared);
  const filled = controlPlaneFields(prepared);
  const sent = withoutFields(prepared, filled);
  const wanted = isForceReplaced(sent) ? markedForRelease(sent, before, releaseKey) : sent;
  const ignored = [...ignores(wanted), ...filled];
  if (before) refuseInseparable({ ref, rendered, ignored }, before);
  const operation = planOperation({ wanted, ignored }, before, setId);
  return { ref, rendered, wanted, ignored, before, operation: skipIfFinished(operation, finished, wanted) };
}

/** An object that is being deleted is created again once it is gone. */
function planOperation(wanted: Wanted, before: KubeObject | undefined, setId: string): Operation {
  return before && isBeingDeleted(before) ? { kind: 'create' } : decideOperation(wanted, before, setId);
}

/** By the kind that each defines. */
function definitionsIn(objects: RenderedObject[]): Map<string, RenderedObject> {
  const found = new Map<string, RenderedObject>();
  for (const rendered of objects.filter(({ object }) => isDefinition(refOf(object)))) {
    const { group, names } = objectOf(rendered.object.spec);
    found.set(groupKind({ group: textOf(group), kind: textOf(objectOf(names).kind) }), rendered);
  }
  return found;
}

/** The last of two would win, and nobody decides which one is last. */
function refuseDuplicate(rendered: RenderedObject, seen: Map<string, RenderedObject>): void {
  const ref = refOf(rendered.object);
  const first = seen.get(refKey(ref));
  seen.set(refKey(ref), rendered);
  if (!first) return;
  throw new SlipwayError('OBJECT_INVALID', `it is also defined in ${describePlace(first.source)}`, {
    place: rendered.source,
    object: ref,
    hint: 'Keep one of the two.',
  });
}
