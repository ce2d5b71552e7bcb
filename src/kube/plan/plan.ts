import { describePlace, SlipwayError } from '../../errors.ts';
import type { FieldPath } from '../../model/field-path.ts';
import type { FieldMatcher } from '../../model/field-rule.ts';
import { objectOf, textOf } from '../../model/json.ts';
import {
  describeRef,
  groupKind,
  type KubeObject,
  type ObjectRef,
  type RenderedObject,
  refKey,
  refOf,
} from '../../model/object.ts';
import { isForceReplaced, ofRun } from '../apply/force-replace.ts';
import { isDefinition } from '../apply/wait-for-crd.ts';
import { refuseInseparable } from '../ignore/release-ignored-fields.ts';
import { hasFinished } from '../inventory/finished-jobs.ts';
import type { ApplySetParent } from '../inventory/parent.ts';
import { type Live, liveTwin } from '../live/live.ts';
import { inOwnWaves } from './order.ts';
import { prepare } from './prepare.ts';
import { isCertainlySame } from './same.ts';

/** One object on its way to the cluster. */
export interface PlannedObject {
  ref: ObjectRef;
  rendered: RenderedObject;
  /** As it is sent where it is not there yet. */
  wanted: KubeObject;
  /** Fields that are left out of it where it is there: slipway.yaml leaves them to others. */
  ignored: FieldPath[];
  /** The member that is live now; undefined where there is none, or none in this version. */
  before: KubeObject | undefined;
  /** Applying it would certainly change nothing: it is not sent. */
  same: boolean;
  /** The definition of its kind, where the app brings it. */
  definition?: RenderedObject | undefined;
}

/** What an apply does, wave by wave. */
export interface ApplyPlan {
  waves: PlannedObject[][];
  /** Objects that cannot be sent at all; then nothing is applied. */
  problems: { rendered: RenderedObject; error: SlipwayError }[];
}

/**
 * Pure: the rendered objects against what is live, in the order of their own waves and of the table of kinds. `run` is
 * the same in every attempt of one release, and undefined in a dry run.
 */
export function planApply(
  objects: RenderedObject[],
  live: Live,
  parent: Pick<ApplySetParent, 'id' | 'finished'>,
  ignores: FieldMatcher,
  run?: string | undefined,
): ApplyPlan {
  const planned: PlannedObject[] = [];
  const problems: ApplyPlan['problems'] = [];
  const seen = new Map<string, RenderedObject>();
  const definitions = definitionsIn(objects);
  for (const rendered of objects) {
    try {
      refuseTwin(rendered, seen);
      const one = planObject(rendered, live, parent, ignores, run);
      planned.push({ ...one, definition: definitions.get(groupKind(one.ref)) });
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error;
      problems.push({ rendered, error });
    }
  }
  return { waves: inOwnWaves(planned, (one) => one.wanted), problems };
}

function planObject(
  rendered: RenderedObject,
  live: Live,
  { id, finished }: Pick<ApplySetParent, 'id' | 'finished'>,
  ignores: FieldMatcher,
  run: string | undefined,
): PlannedObject {
  const prepared = prepare(rendered, id);
  const ref = refOf(prepared);
  const before = liveTwin(live, prepared);
  const anew = isForceReplaced(prepared);
  const wanted = anew ? ofRun(prepared, before, run) : prepared;
  const ignored = ignores(wanted);
  if (before) refuseInseparable({ ref, rendered, ignored }, before);
  const leaving = before?.metadata.deletionTimestamp !== undefined;
  const same = before
    ? !leaving && isCertainlySame(wanted, before, ignored)
    : !anew && hasFinished(finished, ref, wanted);
  return { ref, rendered, wanted, ignored, before, same };
}

/** By the kind that each defines. */
function definitionsIn(objects: RenderedObject[]): Map<string, RenderedObject> {
  const found = new Map<string, RenderedObject>();
  for (const rendered of objects.filter(({ object }) => isDefinition({ ref: refOf(object) }))) {
    const { group, names } = objectOf(rendered.object.spec);
    found.set(groupKind({ group: textOf(group), kind: textOf(objectOf(names).kind) }), rendered);
  }
  return found;
}

/** The last of two would win, and which one is last is nobody's decision. */
function refuseTwin(rendered: RenderedObject, seen: Map<string, RenderedObject>): void {
  const ref = refOf(rendered.object);
  const twin = seen.get(refKey(ref));
  seen.set(refKey(ref), rendered);
  if (!twin) return;
  throw new SlipwayError('OBJECT_INVALID', `${describeRef(ref)} is also in ${describePlace(twin.source)}`, {
    place: rendered.source,
    object: describeRef(ref),
    hint: 'Keep one of the two.',
  });
}
