import { isObject, listOf, textOf } from '../../model/json.ts';
import { type KubeObject, refKey } from '../../model/object.ts';
import { isApiError } from '../client/api-error.ts';
import { collectionPath, objectPath, type Resource } from '../discovery/resource.ts';
import { type FinishedJobs, hasFinished } from '../inventory/finished-jobs.ts';
import { ownEntry } from '../managed-fields.ts';
import { inParallel } from '../parallel.ts';
import type { ApplyPlan, PlannedObject } from '../plan/plan.ts';
import type { Session } from '../session.ts';
import { OwnedError, refuseOwned } from './refuse-owned.ts';

/** From so many new objects of one kind in one namespace on, one list is cheaper than a read of each. */
const listFrom = 4;
/** https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions: any version, cheaply. */
const fromCache = { resourceVersion: '0' };
const metadataOnly = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const metadataList = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

interface Place {
  resource: Resource;
  namespace: string | undefined;
  planned: PlannedObject[];
}

/**
 * Looks, before anything is sent, whether objects that are new to the target belong to somebody else: then they are
 * problems of the plan, unless that one is a target that is no more. Read from the API server's cache, which may be
 * behind: an object is refused only as it is now, and what the cache does not show yet, the apply finds out.
 */
export async function checkOwnership(
  session: Session,
  plan: ApplyPlan,
  signal: AbortSignal,
): Promise<ApplyPlan> {
  if (session.target.adopt) return plan;
  const { members } = await session.live;
  const strangers = plan.waves.flat().filter(({ ref }) => {
    const member = members.get(refKey(ref));
    return !member || !ownEntry(member);
  });
  const refused = new Map<PlannedObject, OwnedError>();
  const there = new Set<PlannedObject>();
  await inParallel(await placesOf(session, strangers, signal), session.client.maxRequests, async (place) => {
    const cached = await liveOf(session, place, signal, fromCache);
    for (const planned of place.planned) {
      let live = cached.get(planned.ref.name);
      let error = live && (await ownedBy(session, planned, live, signal));
      if (error) {
        live = (await liveOf(session, { ...place, planned: [planned] }, signal)).get(planned.ref.name);
        error = live && (await ownedBy(session, planned, live, signal));
      }
      if (live) there.add(planned);
      if (error) refused.set(planned, error);
    }
  });
  const problems = strangers.flatMap((planned) => {
    const error = refused.get(planned);
    return error ? [{ rendered: planned.rendered, error }] : [];
  });
  const finished = await inheritedJobs(session);
  const waves = plan.waves.map((wave) =>
    wave
      .filter((planned) => !refused.has(planned))
      .map((one) => (there.has(one) || !hasFinished(finished, one.ref, one.wanted) ? one : asSame(one))),
  );
  return { ...plan, waves, problems: [...plan.problems, ...problems] };
}

/** A Job that ended well for the target whose place this one takes, and was cleaned up, does not run again. */
async function inheritedJobs({ owners }: Session): Promise<FinishedJobs> {
  const met = await Promise.all(owners.values());
  const granted = met.flatMap((owner) => (owner.takeoverRight === 'granted' ? [owner.finished] : []));
  return Object.assign({}, ...granted);
}

function asSame(planned: PlannedObject): PlannedObject {
  return { ...planned, same: true };
}

async function ownedBy(session: Session, planned: PlannedObject, live: KubeObject, signal: AbortSignal) {
  try {
    await refuseOwned(session, planned, live, signal);
    return undefined;
  } catch (error) {
    if (error instanceof OwnedError) return error;
    throw error;
  }
}

async function placesOf(session: Session, strangers: PlannedObject[], signal: AbortSignal): Promise<Place[]> {
  const places = new Map<string, Place>();
  for (const planned of strangers) {
    const resource = await session.discovery.resource(planned.ref, signal);
    if (!resource) continue;
    const { namespace } = planned.ref;
    const path = collectionPath(resource, namespace);
    const place = places.get(path) ?? { resource, namespace, planned: [] };
    place.planned.push(planned);
    places.set(path, place);
  }
  // Single reads are spread over the connections like the lists.
  return [...places.values()].flatMap((place) =>
    place.planned.length >= listFrom
      ? [place]
      : place.planned.map((planned) => ({ ...place, planned: [planned] })),
  );
}

/** By name. Nothing where it may not be read: the apply then looks with the account that writes. */
async function liveOf(
  session: Session,
  place: Place,
  signal: AbortSignal,
  query: Record<string, string> = {},
): Promise<Map<string, KubeObject>> {
  const { resource, namespace, planned } = place;
  const [first] = planned;
  const isList = planned.length >= listFrom || !first;
  const path = isList ? collectionPath(resource, namespace) : objectPath(resource, first.ref);
  const accept = isList ? metadataList : metadataOnly;
  try {
    const { body } = await session.client.request({ path, accept, query, signal });
    const items = isList ? listOf(body.items) : [body];
    return new Map(items.flatMap((item) => named(item, resource)));
  } catch (error) {
    if (isApiError(error, 403, 404)) return new Map();
    throw error;
  }
}

function named(item: unknown, { group, version, kind }: Resource): [string, KubeObject][] {
  if (!isObject(item) || !isObject(item.metadata)) return [];
  const apiVersion = group === '' ? version : `${group}/${version}`;
  return [[textOf(item.metadata.name), { apiVersion, kind, metadata: item.metadata }]];
}
