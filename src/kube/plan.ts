import { SlipwayError } from '../errors.ts';
import {
  describeRef,
  type KubeObject,
  type ObjectRef,
  type RenderedObject,
  refKey,
  refOf,
} from '../model/object.ts';
import { type Live, liveTwin } from './live.ts';
import { inWaves } from './order.ts';
import { prepare } from './prepare.ts';
import { isCertainlySame } from './same.ts';

/** One object on its way to the cluster. */
export interface PlannedObject {
  ref: ObjectRef;
  rendered: RenderedObject;
  /** As it is sent. */
  wanted: KubeObject;
  /** The member that is live now; undefined where there is none, or none in this version. */
  before: KubeObject | undefined;
  /** Applying it would certainly change nothing: it is not sent. */
  same: boolean;
}

/** What an apply does, wave by wave. */
export interface ApplyPlan {
  waves: PlannedObject[][];
  /** Objects that cannot be sent at all; then nothing is applied. */
  problems: { rendered: RenderedObject; error: SlipwayError }[];
}

/** Pure: the rendered objects against what is live, in the order of the table of kinds. */
export function planApply(objects: RenderedObject[], live: Live, setId: string): ApplyPlan {
  const planned: PlannedObject[] = [];
  const problems: ApplyPlan['problems'] = [];
  const seen = new Map<string, RenderedObject>();
  for (const rendered of objects) {
    try {
      refuseTwin(rendered, seen);
      planned.push(planObject(rendered, live, setId));
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error;
      problems.push({ rendered, error });
    }
  }
  return { waves: inWaves(planned, (one) => one.ref), problems };
}

function planObject(rendered: RenderedObject, live: Live, setId: string): PlannedObject {
  const wanted = prepare(rendered, setId);
  const before = liveTwin(live, wanted);
  const leaving = before?.metadata.deletionTimestamp !== undefined;
  const same = before !== undefined && !leaving && isCertainlySame(wanted, before);
  return { ref: refOf(wanted), rendered, wanted, before, same };
}

/** The last of two would win, and which one is last is nobody's decision. */
function refuseTwin(rendered: RenderedObject, seen: Map<string, RenderedObject>): void {
  const ref = refOf(rendered.object);
  const twin = seen.get(refKey(ref));
  seen.set(refKey(ref), rendered);
  if (!twin) return;
  throw new SlipwayError('OBJECT_INVALID', `${describeRef(ref)} is also in ${describePlace(twin)}`, {
    place: rendered.source,
    object: describeRef(ref),
    hint: 'Keep one of the two.',
  });
}

function describePlace({ source }: RenderedObject): string {
  return source.line === undefined ? source.file : `${source.file}:${source.line}`;
}
