import type { ObjectChange } from '../../model/change-set.ts';
import type { KubeObject } from '../../model/object.ts';
import type { KubeResponse } from '../client/client.ts';
import type { ReleaseContext } from '../context.ts';
import { explain } from '../explain/explain.ts';
import { kindSchemaOf } from '../explain/kind-schema.ts';
import { refuseInseparable } from '../ignore/refuse-inseparable.ts';
import { deleteToRecreate } from '../objects/delete.ts';
import type { Found } from '../objects/read.ts';
import { takenFrom, takeOver } from '../ownership/take-over.ts';
import type { PlannedObject } from '../plan/plan.ts';
import type { Writing } from '../writing.ts';
import { type Applied, appliedObject } from './applied.ts';
import { type Attempt, attemptAfter, firstAttempt, type Subject } from './attempt.ts';
import { withExistingClaims } from './existing-claims.ts';
import { servedResource } from './later-kind.ts';
import { changeOf, foundSame, resolvedChange } from './object-change.ts';
import { propagationFor } from './recreate.ts';
import { releaseIgnoredFields, type Sending } from './release-ignored-fields.ts';
import { replaceDryRun, takeAllFields } from './replace.ts';
import { sendApply } from './send-apply.ts';

const mostAttempts = 6;

/** What came of applying one object. */
export interface AppliedChange {
  change: ObjectChange;
  /** The object as it now is; undefined if a dry run could not show it. */
  applied: Applied | undefined;
}

/**
 * Performs the planned operation of one object. Resolves to its change, from the API server's own responses. A refusal
 * that concerns the object is thrown explained; everything else as it is.
 */
export async function applyObject(
  context: ReleaseContext,
  planned: PlannedObject,
  writing: Writing,
): Promise<AppliedChange> {
  const resource = await servedResource(context, planned, writing);
  try {
    return await applyUntilCurrent({ context, planned, resource, writing });
  } catch (error) {
    const { client, account, masks } = context;
    const { ref, rendered, before, ignored } = planned;
    const { object, source } = rendered;
    const about = {
      ref,
      object,
      live: before,
      source,
      resource,
      account,
      cluster: client.cluster,
      masks,
      ignored,
    };
    throw await explain(error, { ...about, verb: 'patch' }, kindSchemaOf(client, resource, writing.signal));
  }
}

/** Applies to the version that was read. If somebody changed the object meanwhile, reads it and decides again. */
async function applyUntilCurrent(subject: Subject): Promise<AppliedChange> {
  const { context, planned, writing } = subject;
  let attempt = await firstAttempt(subject);
  for (let count = 1; ; count += 1) {
    attempt = await removeOld(subject, attempt);
    if (writing.dryRun && attempt.resolution) {
      const { resolution } = attempt;
      const change = resolvedChange(context, planned, resolution, undefined);
      const isRecreated = resolution.deleted !== undefined;
      return { change: await withExistingClaims(subject, change, isRecreated), applied: undefined };
    }
    const live = readable(attempt.before);
    if (attempt.operation.kind === 'skip' && live) return foundUnchanged(subject, live, attempt.responseLost);
    await writing.lease.beforeWrite();
    try {
      const sending = await settleFields(subject, attempt);
      attempt = { ...attempt, before: sending.before };
      const shown = await replaceDryRun(subject, attempt);
      return await resultOf(subject, attempt, shown ?? (await sendApply(subject, sending)));
    } catch (error) {
      if (count >= mostAttempts) throw error;
      attempt = await attemptAfter(subject, attempt, error);
    }
  }
}

/** Deletes an object that is to be recreated; a dry run only notes that it would. */
async function removeOld(
  { context, planned, resource, writing }: Subject,
  attempt: Attempt,
): Promise<Attempt> {
  const { operation } = attempt;
  const object = readable(attempt.before);
  if (operation.kind !== 'recreate' || !object) return attempt;
  if (!writing.dryRun) {
    const propagation = propagationFor(planned.wanted, object);
    const { source } = planned.rendered;
    await deleteToRecreate(context, { object, resource, propagation, only: 'version', source }, writing);
  }
  const resolution = { reason: operation.reason, deleted: object };
  return { ...attempt, before: undefined, operation: { kind: 'create' }, resolution };
}

/**
 * Resolves which manager owns which fields before they are overwritten. Resolves to what is then sent; its `before` is
 * what the change is compared with.
 */
async function settleFields(subject: Subject, attempt: Attempt): Promise<Sending> {
  const { before: found, operation, wanted = subject.planned.wanted } = attempt;
  const { context, planned, resource, writing } = subject;
  const before = await takeOver(context, planned, resource, found, writing);
  const owned = operation.kind === 'replace' ? await takeAllFields(subject, before) : before;
  const sent = { ...subject, planned: { ...planned, wanted } };
  const sending = await releaseIgnoredFields(sent, owned);
  return { ...sending, before: owned === before ? sending.before : before };
}

async function resultOf(
  { context, planned, resource, writing }: Subject,
  { before: found, resolution, responseLost }: Attempt,
  response: KubeResponse,
): Promise<AppliedChange> {
  const live = response.body as KubeObject;
  refuseInseparable(planned, live);
  const before = readable(found);
  const applied = appliedObject(planned.ref, resource, { live, created: response.status === 201, before });
  const subject = { context, planned, resource, writing };
  if (resolution) {
    const change = resolvedChange(context, planned, resolution, live);
    return { change: await withExistingClaims(subject, change, resolution.deleted !== undefined), applied };
  }
  const change = changeOf(context, planned, { before: found, response, dryRun: writing.dryRun });
  const isRepeated = responseLost && change.action === 'unchanged';
  const reported = isRepeated ? foundSame(context, planned, live, responseLost) : change;
  const taken = { ...reported, ...(await takenFrom(context, before, writing.signal)) };
  return { change: await withExistingClaims(subject, taken, false), applied };
}

/** The object has the wanted state already: mostly by an earlier request of this release. */
function foundUnchanged(
  { context, planned, resource }: Subject,
  live: KubeObject,
  responseLost: boolean,
): AppliedChange {
  const applied = appliedObject(planned.ref, resource, { live });
  return { change: foundSame(context, planned, live, responseLost), applied };
}

function readable(found: Found): KubeObject | undefined {
  return found === 'unreadable' ? undefined : found;
}
