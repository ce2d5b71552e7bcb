import type { Notice } from '../model/notice.ts';
import { type ObjectRef, refKey } from '../model/object.ts';
import { describePlace, type SourcePlace } from '../model/source-place.ts';
import { relativeName, shortName, type Target } from '../model/target.ts';
import type { ClusterRun } from '../ports/cluster.ts';
import type { Attempt } from './attempt-state.ts';
import { mayHaveGained, type Other, othersOf, renderedBy, writableBy } from './other-targets.ts';
import type { ReleasePorts } from './ports.ts';

/** An object that is not deleted although its target no longer renders it. */
export interface LeftObject {
  object: ObjectRef;
  other: Other;
  /** Where the other target renders it from; undefined: its files cannot be rendered, so it may have the object. */
  place: SourcePlace | undefined;
}

/**
 * Which of these objects, that the target no longer renders, other targets render at their desired commits. They are not
 * deleted: an object that one commit moves to another app would otherwise be deleted and created again, whichever app is
 * released first. If the files of another target cannot be rendered, it may have all of them, unless a person has
 * confirmed the prune. Targets of other projects count for what they may write.
 */
export async function findLeftObjects(
  { target, desired }: Attempt,
  { record }: Pick<ClusterRun, 'record'>,
  objects: ObjectRef[],
  ports: ReleasePorts,
): Promise<LeftObject[]> {
  const left = new Map<string, LeftObject>();
  const broken: Other[] = [];
  for (const other of await othersOf(target, ports)) {
    const possible = other.isSameProject ? objects : await writableBy(other, objects, ports);
    const rendered = possible.length > 0 ? await renderedBy(other, ports) : new Map<string, SourcePlace>();
    if (!rendered && other.isSameProject) broken.push(other);
    const found = possible.filter((object) => rendered?.has(refKey(object)));
    for (const object of found) {
      left.set(refKey(object), { object, other, place: rendered?.get(refKey(object)) });
    }
    if (found.length > 0) await retry(other, ports);
  }
  if (desired.cause.confirmPrune) return [...left.values()];
  const from = { repository: target.repository, since: record?.inForce?.commit };
  for (const other of left.size < objects.length ? broken : []) {
    if (!(await mayHaveGained(other, from, ports))) continue;
    for (const object of objects.filter((one) => !left.has(refKey(one)))) {
      left.set(refKey(object), { object, other, place: undefined });
    }
  }
  return [...left.values()];
}

/** What took or tried to take objects before, and ended its release, would not look again by itself. */
async function retry(
  { target, isOpen, isSameProject, isSuccessor }: Other,
  { desired, wakeUps }: ReleasePorts,
): Promise<void> {
  if (isOpen || !isSameProject || !isSuccessor) return;
  await desired.repeat(target.id, { kind: 'retry' });
  await wakeUps.enqueueDeploys([{ target: target.id, cluster: target.cluster, index: 0 }]);
}

/** For the change of the object. */
export function noticeOf(target: Target, { other, place }: LeftObject): Notice {
  const { reason, hint } = describeOther(target, other, place !== undefined);
  const from = place && other.isSameProject ? `, which renders it from ${describePlace(place)}` : '';
  return { kind: 'left', summary: `${reason}${from}`, hint };
}

/** For the release: one notice for each other target. */
export function leftNotices(target: Target, left: LeftObject[]): Notice[] {
  const groups = Map.groupBy(left, ({ other, place }) => `${place !== undefined} ${other.target.id}`);
  return [...groups.values()].flatMap(([first, ...others]) => {
    if (!first) return [];
    const { reason, hint } = describeOther(target, first.other, first.place !== undefined);
    const objects = [first, ...others].map(({ object }) => object);
    return [
      { kind: 'left', summary: reason, hint, objects: objects.slice(0, MAX_NAMED), count: objects.length },
    ];
  });
}

/** A notice names up to this many objects and counts all of them. */
const MAX_NAMED = 3;

function describeOther(
  target: Target,
  { target: other, isSameProject }: Other,
  isRendered: boolean,
): { reason: string; hint: string } {
  const name = relativeName(other.id, target);
  if (!isSameProject) {
    return {
      reason: `left, because ${other.id} of another project renders it`,
      hint: `Write adopt: true for app ${other.app} in the slipway.yaml of ${other.repository}, and it takes over what it renders; or remove that there, and the next commit here deletes it.`,
    };
  }
  if (isRendered) {
    return {
      reason: `left for ${name}`,
      hint: `${name} takes over what it renders with its next release that succeeds. If it no longer renders it, the next commit deletes it.`,
    };
  }
  return {
    reason: `left, because the files of ${name} cannot be rendered and may have it now`,
    hint: `Correct ${name} and push again. To delete it now, run slipway deploy ${shortName(target)} --confirm-prune.`,
  };
}
