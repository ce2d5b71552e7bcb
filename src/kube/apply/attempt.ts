import { SlipwayError } from '../../errors.ts';
import { type KubeObject, refOf } from '../../model/object.ts';
import { isApiError, isUnconvertible } from '../client/api-error.ts';
import type { ReleaseContext } from '../context.ts';
import type { Resource } from '../discovery/resource.ts';
import { kindSchemaOf } from '../explain/kind-schema.ts';
import { describeDeletion, isBeingDeleted, untilGone } from '../objects/gone.ts';
import { isMissingNamespace } from '../objects/namespaces.ts';
import { type Found, readAsAccount } from '../objects/read.ts';
import { writeManagers } from '../objects/write-managers.ts';
import { decideAfterOtherVersion, decideAfterRefusal, type Remedy } from '../plan/after-refusal.ts';
import { decideOperation, type Operation } from '../plan/operation.ts';
import { isOtherVersion, otherVersions } from '../plan/other-versions.ts';
import type { PlannedObject } from '../plan/plan.ts';
import { withoutNulls } from '../plan/stale-members.ts';
import type { Writing } from '../writing.ts';

const goneWithinMs = 10_000;

/** One object with everything that applying it needs. */
export interface Subject {
  context: ReleaseContext;
  planned: PlannedObject;
  resource: Resource;
  writing: Writing;
}

/** One attempt to apply an object: how it was found, and what is done with it. */
export interface Attempt {
  before: Found;
  operation: Operation;
  /** What is sent, if that is not the planned object as it is. */
  wanted?: KubeObject | undefined;
  /** What an earlier attempt resolved so that this one passes. */
  resolution?: Resolution | undefined;
  /** The response to an earlier request was lost: that request may have done the work. */
  responseLost: boolean;
}

/** What was done, or in a dry run would be, so that an object can be applied that the API server refused. */
export interface Resolution {
  /** For the change set. */
  reason: string;
  /** The object as it was before it was deleted; undefined: it was not. */
  deleted?: KubeObject | undefined;
}

export async function firstAttempt(subject: Subject): Promise<Attempt> {
  const { before, operation } = subject.planned;
  const found = before && isBeingDeleted(before) ? await decide(subject, before) : { before, operation };
  return { ...found, responseLost: false };
}

/**
 * The attempt that follows a failed one. Rethrows the error if another attempt makes no sense: only a missing
 * namespace that may be created, a refusal with a remedy, and a conflict lead to one. After a conflict the lease is
 * checked: it may have been the run that took over.
 */
export async function attemptAfter(subject: Subject, attempt: Attempt, error: unknown): Promise<Attempt> {
  const { context, planned, resource, writing } = subject;
  const { before } = attempt;
  if (isMissingNamespace(error) && (await createNamespace(subject))) return attempt;
  if (isApiError(error, 422) && before && before !== 'unreadable') {
    const schema = kindSchemaOf(context.client, resource, writing.signal);
    const remedy = await decideAfterRefusal(error, planned.wanted, before, schema);
    if (remedy?.kind === 'recreate') return { ...attempt, operation: remedy };
    if (remedy) {
      const wanted = withoutNulls(planned.wanted);
      return { ...attempt, wanted, ...(await rewriteManagers(subject, before, remedy)) };
    }
  }
  if (isApiError(error, 500) && isOtherVersion(error.apiStatus.message)) {
    return inOneVersion(subject, attempt, error);
  }
  if (!isApiError(error, 409)) throw error;
  await writing.lease.check();
  const found = await readAsAccount(context, resource, refOf(planned.wanted), writing.signal);
  const responseLost = attempt.responseLost || error.repeated;
  return { ...attempt, ...(await decide(subject, found)), responseLost };
}

/** Decides about the object as it was found. One that is being deleted would take what is applied with it. */
async function decide(subject: Subject, found: Found): Promise<Pick<Attempt, 'before' | 'operation'>> {
  const { planned, context } = subject;
  const isLeaving = found !== undefined && found !== 'unreadable' && isBeingDeleted(found);
  const before = isLeaving ? await whenGone(subject, found) : found;
  return { before, operation: decideOperation(planned, before, context.setId) };
}

/** Waits until the object is gone, and resolves to what then has its name. A dry run does not wait. */
async function whenGone(subject: Subject, object: KubeObject): Promise<Found> {
  const { context, planned, resource, writing } = subject;
  const { signal, dryRun } = writing;
  const [left] = dryRun
    ? []
    : await untilGone(context, [{ object, resource }], { withinMs: goneWithinMs, signal });
  if (!left) return readAsAccount(context, resource, refOf(planned.wanted), signal);
  throw new SlipwayError('OBJECT_REFUSED', `cannot be applied: ${describeDeletion(left)}`, {
    object: planned.ref,
    place: planned.rendered.source,
    hint: 'It is created again once it is gone: push again, or retry the release then.',
  });
}

/** The attempt in which all managers own their fields in the version that is applied. Rethrows the error if they do. */
async function inOneVersion(subject: Subject, attempt: Attempt, error: unknown): Promise<Attempt> {
  const { context, planned, resource, writing } = subject;
  const found = await readAsAccount(context, resource, refOf(planned.wanted), writing.signal);
  if (!found || found === 'unreadable') throw error;
  const remedy = decideAfterOtherVersion(found, await inOtherVersions(subject, found));
  if (remedy?.kind !== 'rewrite-managers') throw error;
  const operation = decideOperation(planned, found, context.setId);
  return { ...attempt, operation, ...(await rewriteManagers(subject, found, remedy)) };
}

/** The object as read in the versions in which managers own fields of it. One that is gone or cannot be read has none. */
async function inOtherVersions(
  { context, planned, writing }: Subject,
  live: KubeObject,
): Promise<Map<string, KubeObject>> {
  const read = new Map<string, KubeObject>();
  for (const apiVersion of otherVersions(live)) {
    const { group, version, kind } = refOf({ ...live, apiVersion });
    const resource = await context.discovery.resource({ group, version, kind }, writing.signal);
    const found =
      resource &&
      (await readAsAccount(context, resource, planned.ref, writing.signal).catch((error: unknown) => {
        if (isUnconvertible(error)) return undefined;
        throw error;
      }));
    if (found && found !== 'unreadable') read.set(apiVersion, found);
  }
  return read;
}

async function rewriteManagers(
  { context, resource, writing }: Subject,
  live: KubeObject,
  { reason, managedFields }: Extract<Remedy, { kind: 'rewrite-managers' }>,
): Promise<Pick<Attempt, 'before' | 'resolution'>> {
  const resolution = { reason };
  if (writing.dryRun) return { before: live, resolution };
  try {
    return { before: await writeManagers(context, live, resource, managedFields, writing), resolution };
  } catch (error) {
    // Changed meanwhile: the next attempt finds out how it is now.
    if (isApiError(error, 409)) return { before: live, resolution };
    throw error;
  }
}

async function createNamespace({ context, planned, writing }: Subject): Promise<boolean> {
  const { namespace } = planned.wanted.metadata;
  if (namespace === undefined || writing.dryRun) return false;
  await writing.lease.beforeWrite();
  return context.namespaces.create(namespace, writing.signal);
}
