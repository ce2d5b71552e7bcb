import { setTimeout as sleep } from 'node:timers/promises';
import { SlipwayError } from '../errors.ts';
import type { ObjectChange } from '../model/change-set.ts';
import { describeRef, groupKind, type JsonObject, type KubeObject } from '../model/object.ts';
import type { Waits } from '../ports/cluster.ts';
import { fieldManager } from './applyset.ts';
import { isApiError } from './client/api-error.ts';
import type { KubeAnswer } from './client/client.ts';
import { diffObjects } from './diff/diff.ts';
import { objectPath, type Resource } from './discovery/resource.ts';
import { explain } from './explain/explain.ts';
import { knownFieldsOf } from './explain/known-fields.ts';
import { missingKindOf } from './explain/refused.ts';
import type { FenceWatch } from './fence-watch.ts';
import { listOf, textOf } from './json.ts';
import { resourceInTime } from './later-kind.ts';
import { makeWay, type Way } from './make-way.ts';
import { losers } from './managed-fields.ts';
import { takeOver } from './ownership/take-over.ts';
import type { PlannedObject } from './plan.ts';
import { isCertainlySame } from './same.ts';
import { note, type Session } from './session.ts';
import { isMissingNamespace } from './target-namespace.ts';
import { warningsOf } from './warnings.ts';

/** How one wave writes: with which fence, until which signal, for real or not. */
export interface Writing {
  fence: FenceWatch;
  signal: AbortSignal;
  dryRun: boolean;
  /** How it waits for health meanwhile. */
  waits: Waits;
}

const conflictTries = 5;
const goneTries = 40;
const pauseMs = 250;

/**
 * A resourceVersion that no object has: an apply that carries it creates, and is refused with 409 where the object
 * exists already. So a first apply costs one request, and still nothing is overwritten that was not looked at.
 */
const notYetExisting = '1';

/**
 * Applies one object and says what came of it, from the server's own answers. Refusals that concern the object are
 * thrown explained; everything else as it is.
 */
export async function applyObject(
  session: Session,
  planned: PlannedObject,
  writing: Writing,
): Promise<ObjectChange> {
  const resource = await resourceOf(session, planned, writing);
  try {
    return await applyUntilCurrent(session, planned, resource, writing);
  } catch (error) {
    throw await explain(
      error,
      {
        ref: planned.ref,
        object: planned.rendered.object,
        live: planned.before,
        source: planned.rendered.source,
        resource,
        verb: 'patch',
        account: session.account,
        cluster: session.client.cluster,
      },
      knownFieldsOf(session.client, resource, writing.signal),
    );
  }
}

async function resourceOf(session: Session, planned: PlannedObject, writing: Writing): Promise<Resource> {
  const { ref, rendered } = planned;
  const resource = await resourceInTime(session.discovery, planned, writing);
  if (resource) return resource;
  const { resources } = await session.discovery.catalog(writing.signal);
  const served = resources
    .filter((one) => groupKind(one) === groupKind(ref))
    .map((one) => (one.group === '' ? one.version : `${one.group}/${one.version}`));
  const { code, what, hint } = missingKindOf({ ref, cluster: session.client.cluster }, served);
  const object = describeRef(ref);
  throw new SlipwayError(code, `${object}: ${what}`, { object, place: rendered.source, hint });
}

/** Applies to the version that was read; where somebody was faster, reads again and looks at the fence again. */
async function applyUntilCurrent(
  session: Session,
  planned: PlannedObject,
  resource: Resource,
  writing: Writing,
): Promise<ObjectChange> {
  const { wanted } = planned;
  let before: KubeObject | 'unreadable' | undefined = planned.before;
  let lostAnswer = false;
  let way: Way | undefined;
  for (let tries = 0; ; tries += 1) {
    if (isLeaving(before)) before = await waitUntilGone(session, planned, resource, writing);
    if (before && before !== 'unreadable' && isCertainlySame(wanted, before)) {
      note(session, planned, resource, before, false);
      return foundSame(planned, before, lostAnswer);
    }
    await writing.fence.beforeWrite();
    try {
      before = await takeOver(session, planned, resource, before, writing);
      const answer = await send(session, wanted, resource, before, writing);
      note(session, planned, resource, answer.body as KubeObject, answer.status === 201);
      if (way) return clearedChange(planned, way, answer.body as KubeObject);
      return changeOf(planned, before, answer, writing.dryRun);
    } catch (error) {
      if (tries >= conflictTries) throw error;
      if (isMissingNamespace(error) && (await makeNamespace(session, wanted, writing))) continue;
      const made = await makeWay(session, error, wanted, before, resource, writing);
      if (made && writing.dryRun) return clearedChange(planned, made, undefined);
      if (made) {
        way = made;
        before = made.before;
        continue;
      }
      if (!isApiError(error, 409)) throw error;
      lostAnswer ||= error.repeated;
      await writing.fence.look();
      before = await readObject(session, wanted, resource, writing.signal);
    }
  }
}

async function makeNamespace(session: Session, wanted: KubeObject, writing: Writing): Promise<boolean> {
  const { namespace } = wanted.metadata;
  if (namespace === undefined || writing.dryRun) return false;
  await writing.fence.beforeWrite();
  return session.namespaces.make(namespace, writing.signal);
}

function isLeaving(before: KubeObject | 'unreadable' | undefined): before is KubeObject {
  return before !== undefined && before !== 'unreadable' && before.metadata.deletionTimestamp !== undefined;
}

function send(
  session: Session,
  wanted: KubeObject,
  resource: Resource,
  before: KubeObject | 'unreadable' | undefined,
  writing: Writing,
): Promise<KubeAnswer> {
  const read = before === undefined ? notYetExisting : undefined;
  const version = before && before !== 'unreadable' ? before.metadata.resourceVersion : read;
  const { namespace: _namespace, ...clusterWide } = wanted.metadata;
  const metadata: JsonObject = { ...(resource.namespaced ? wanted.metadata : clusterWide) };
  if (version !== undefined) metadata.resourceVersion = version;
  return session.client.request({
    method: 'PATCH',
    path: objectPath(resource, { namespace: wanted.metadata.namespace, name: wanted.metadata.name ?? '' }),
    query: {
      fieldManager,
      force: true,
      fieldValidation: 'Strict',
      dryRun: writing.dryRun ? 'All' : undefined,
    },
    contentType: 'application/apply-patch+yaml',
    body: { ...wanted, metadata },
    as: session.account,
    signal: writing.signal,
  });
}

/** The live object as the release's own account sees it; `unreadable` where it may apply but not get. */
async function readObject(
  session: Session,
  wanted: KubeObject,
  resource: Resource,
  signal: AbortSignal,
): Promise<KubeObject | 'unreadable' | undefined> {
  const path = objectPath(resource, {
    namespace: wanted.metadata.namespace,
    name: wanted.metadata.name ?? '',
  });
  try {
    const answer = await session.client.request({ path, as: session.account, signal });
    return answer.body as KubeObject;
  } catch (error) {
    if (isApiError(error, 404)) return undefined;
    if (isApiError(error, 403)) return 'unreadable';
    throw error;
  }
}

/** An object that is being deleted would take what is applied with it. */
async function waitUntilGone(
  session: Session,
  planned: PlannedObject,
  resource: Resource,
  writing: Writing,
): Promise<KubeObject | 'unreadable' | undefined> {
  let last: KubeObject | undefined;
  for (let tries = 0; tries < goneTries; tries += 1) {
    const now = await readObject(session, planned.wanted, resource, writing.signal);
    if (!isLeaving(now) || writing.dryRun) return now;
    last = now;
    await sleep(pauseMs, undefined, { signal: writing.signal }).catch(() => undefined);
    writing.signal.throwIfAborted();
  }
  const finalizers = listOf(last?.metadata.finalizers).map(textOf).join(', ');
  const object = describeRef(planned.ref);
  const why = finalizers === '' ? '' : `, held up by its finalizers: ${finalizers}`;
  throw new SlipwayError('OBJECT_REFUSED', `${object}: it is still being deleted${why}`, {
    object,
    place: planned.rendered.source,
    hint: 'It is made anew when it is gone: push again, or retry the release then.',
  });
}

function changeOf(
  planned: PlannedObject,
  before: KubeObject | 'unreadable' | undefined,
  answer: KubeAnswer,
  dryRun: boolean,
): ObjectChange {
  const after = answer.body as KubeObject;
  const change = {
    ref: planned.ref,
    source: sourceOf(planned),
    warnings: warningsOf(answer.headers.warning),
  };
  if (answer.status === 201) return { ...change, action: 'created', fields: [] };
  if (before === undefined || before === 'unreadable') return { ...change, action: 'configured', fields: [] };
  const fields = diffObjects(before, after);
  const untouched = before.metadata.resourceVersion === after.metadata.resourceVersion;
  if (untouched && (!dryRun || fields.length === 0)) return { ...change, action: 'unchanged', fields: [] };
  const tookFrom = losers(before, after);
  return { ...change, action: 'configured', fields, tookFrom: tookFrom.length > 0 ? tookFrom : undefined };
}

function clearedChange(planned: PlannedObject, way: Way, after: KubeObject | undefined): ObjectChange {
  const was = way.deleted ?? planned.before;
  const fields = was && after ? diffObjects(was, after) : [];
  return { ref: planned.ref, source: sourceOf(planned), action: 'configured', fields, reason: way.reason };
}

/** Found as wanted: untouched, or written by a request of ours whose answer was lost on the way. */
function foundSame(planned: PlannedObject, now: KubeObject, lostAnswer: boolean): ObjectChange {
  const change = { ref: planned.ref, source: sourceOf(planned) };
  if (!planned.before) return { ...change, action: lostAnswer ? 'created' : 'unchanged', fields: [] };
  const fields = diffObjects(planned.before, now);
  return { ...change, action: fields.length > 0 ? 'configured' : 'unchanged', fields };
}

export function sourceOf({ rendered: { source } }: Pick<PlannedObject, 'rendered'>): string {
  return source.line === undefined ? source.file : `${source.file}:${source.line}`;
}
