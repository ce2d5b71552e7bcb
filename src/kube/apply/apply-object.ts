import { setTimeout as sleep } from 'node:timers/promises';
import { SlipwayError } from '../../errors.ts';
import type { ObjectChange } from '../../model/change-set.ts';
import { listOf, textOf } from '../../model/json.ts';
import { describeRef, type JsonObject, type KubeObject } from '../../model/object.ts';
import { isApiError } from '../client/api-error.ts';
import type { KubeResponse } from '../client/client.ts';
import { objectPath, type Resource } from '../discovery/resource.ts';
import { explain } from '../explain/explain.ts';
import { kindSchemaOf } from '../explain/kind-schema.ts';
import { refuseInseparable, releaseIgnoredFields, type Sending } from '../ignore/release-ignored-fields.ts';
import { fieldManager } from '../inventory/applyset.ts';
import { takenFrom, takeOver } from '../ownership/take-over.ts';
import type { PlannedObject } from '../plan/plan.ts';
import { isCertainlySame } from '../plan/same.ts';
import { note, type Session } from '../session.ts';
import type { Writing } from '../writing.ts';
import { removeEarlier } from './force-replace.ts';
import { servedResource } from './later-kind.ts';
import { changeOf, clearedChange, foundSame } from './object-change.ts';
import { claimToReplace, replaceDryRun } from './replace.ts';
import { type Resolution, resolveConflict } from './resolve-conflict.ts';
import { isMissingNamespace } from './target-namespace.ts';

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
  const resource = await servedResource(session, planned, writing);
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
        masks: session.masks,
        ignored: planned.ignored,
      },
      kindSchemaOf(session.client, resource, writing.signal),
    );
  }
}

/** Applies to the version that was read; where somebody was faster, reads again and looks at the fence again. */
async function applyUntilCurrent(
  session: Session,
  planned: PlannedObject,
  resource: Resource,
  writing: Writing,
): Promise<ObjectChange> {
  const { wanted, ignored } = planned;
  let before: KubeObject | 'unreadable' | undefined = planned.before;
  let responseLost = false;
  let resolution: Resolution | undefined;
  for (let tries = 0; ; tries += 1) {
    if (isLeaving(before)) before = await waitUntilGone(session, planned, resource, writing);
    if (before && before !== 'unreadable' && isCertainlySame(wanted, before, ignored)) {
      note(session, planned, resource, before, false);
      return foundSame(session, planned, before, responseLost);
    }
    const earlier = await removeEarlier(session, wanted, before, resource, writing);
    if (earlier && writing.dryRun) return clearedChange(session, planned, earlier, undefined);
    if (earlier) [resolution, before] = [earlier, undefined];
    await writing.lease.beforeWrite();
    try {
      const ready = await makeReady(session, planned, resource, before, writing);
      before = ready.before;
      const shown = await replaceDryRun(session, planned, resource, before, writing);
      const response = shown ?? (await send(session, ready.sending, resource, writing));
      return await answered(session, planned, resource, {
        before,
        response,
        resolution,
        responseLost,
        writing,
      });
    } catch (error) {
      if (tries >= conflictTries) throw error;
      if (isMissingNamespace(error) && (await makeNamespace(session, wanted, writing))) continue;
      const made = await resolveConflict(session, error, wanted, before, resource, writing);
      if (made && writing.dryRun) return clearedChange(session, planned, made, undefined);
      if (made) {
        resolution = made;
        before = made.before;
        continue;
      }
      if (!isApiError(error, 409)) throw error;
      responseLost ||= error.repeated;
      await writing.lease.look();
      before = await readObject(session, wanted, resource, writing.signal);
    }
  }
}

/** Whose fields are whose, before they are overwritten; `before` is what the change is to be compared with. */
async function makeReady(
  session: Session,
  planned: PlannedObject,
  resource: Resource,
  found: KubeObject | 'unreadable' | undefined,
  writing: Writing,
): Promise<{ before: KubeObject | 'unreadable' | undefined; sending: Sending }> {
  const before = await takeOver(session, planned, resource, found, writing);
  const claimed = await claimToReplace(session, planned, resource, before, writing);
  const sending = await releaseIgnoredFields(session, planned, resource, claimed, writing);
  return { sending, before: claimed === before ? sending.before : before };
}

async function answered(
  session: Session,
  planned: PlannedObject,
  resource: Resource,
  { before, response, resolution, responseLost, writing }: Answered,
): Promise<ObjectChange> {
  const after = response.body as KubeObject;
  note(
    session,
    planned,
    resource,
    after,
    response.status === 201,
    before === 'unreadable' ? undefined : before,
  );
  refuseInseparable(planned, after);
  if (resolution) return clearedChange(session, planned, resolution, after);
  const change = changeOf(session, planned, { before, response, dryRun: writing.dryRun });
  const same = responseLost && change.action === 'unchanged';
  const told = same ? foundSame(session, planned, after, responseLost) : change;
  return { ...told, ...(await takenFrom(session, before)) };
}

interface Answered {
  before: KubeObject | 'unreadable' | undefined;
  response: KubeResponse;
  resolution: Resolution | undefined;
  /** An answer to an earlier request was lost: that one may have done the work. */
  responseLost: boolean;
  writing: Writing;
}

async function makeNamespace(session: Session, wanted: KubeObject, writing: Writing): Promise<boolean> {
  const { namespace } = wanted.metadata;
  if (namespace === undefined || writing.dryRun) return false;
  await writing.lease.beforeWrite();
  return session.namespaces.make(namespace, writing.signal);
}

function isLeaving(before: KubeObject | 'unreadable' | undefined): before is KubeObject {
  return before !== undefined && before !== 'unreadable' && before.metadata.deletionTimestamp !== undefined;
}

function send(
  session: Session,
  { before, object, version }: Sending,
  resource: Resource,
  writing: Writing,
): Promise<KubeResponse> {
  const read = before === undefined ? notYetExisting : version;
  const { namespace: _namespace, ...clusterWide } = object.metadata;
  const metadata: JsonObject = { ...(resource.namespaced ? object.metadata : clusterWide) };
  if (read !== undefined) metadata.resourceVersion = read;
  return session.client.request({
    method: 'PATCH',
    path: objectPath(resource, { namespace: object.metadata.namespace, name: object.metadata.name ?? '' }),
    query: {
      fieldManager,
      force: true,
      fieldValidation: 'Strict',
      dryRun: writing.dryRun ? 'All' : undefined,
    },
    contentType: 'application/apply-patch+yaml',
    body: { ...object, metadata },
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
    const response = await session.client.request({ path, as: session.account, signal });
    return response.body as KubeObject;
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
