import { SlipwayError } from '../../errors.ts';
import { isObject, listOf, textOf } from '../../model/json.ts';
import { type KubeObject, refKey } from '../../model/object.ts';
import { isApiError, isUnconvertible } from '../client/api-error.ts';
import { asEither } from '../client/as-either.ts';
import type { ReleaseContext } from '../context.ts';
import { collectionPath, objectPath, type Resource } from '../discovery/resource.ts';
import type { FinishedJobs } from '../inventory/finished-jobs.ts';
import { ownEntry } from '../managed-fields.ts';
import { inParallel } from '../parallel.ts';
import { skipIfFinished } from '../plan/operation.ts';
import type { ApplyPlan, PlannedObject } from '../plan/plan.ts';
import type { Owner } from './owner.ts';
import { refuseOwned } from './refuse-owned.ts';

/** For so many new objects of one kind in one namespace or more, one list is cheaper than a read of each. */
const listFrom = 4;
/** https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions: any version, cheaply. */
const fromCache = { resourceVersion: '0' };
const metadataOnly = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const metadataList = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** New objects of one collection, and how that is served. */
interface Collection {
  resource: Resource;
  namespace: string | undefined;
  planned: PlannedObject[];
}

/**
 * Checks, before anything is sent, whether objects that are new to the target belong to somebody else: then they are
 * problems of the plan, unless the target may take them over. Reads from the API server's cache, which may be behind: an
 * object is refused only as it is now, and what the cache does not show yet, the apply finds out.
 */
export async function checkOwnership(
  context: ReleaseContext,
  plan: ApplyPlan,
  signal: AbortSignal,
): Promise<ApplyPlan> {
  const { members } = await context.live;
  const unowned = plan.waves.flat().filter(({ ref }) => {
    const member = members.get(refKey(ref));
    return !member || !ownEntry(member);
  });
  const refused = new Map<PlannedObject, SlipwayError>();
  let takesOver = false;
  const existing = new Set<PlannedObject>();
  await inParallel(
    await collectionsOf(context, unowned, signal),
    context.client.maxRequests,
    async (collection) => {
      const cached = await liveOf(context, collection, signal, fromCache);
      for (const planned of collection.planned) {
        let live = cached.get(planned.ref.name);
        let owned = live && (await ownedBy(context, planned, live, signal));
        if (owned instanceof SlipwayError) {
          live = (await liveOf(context, { ...collection, planned: [planned] }, signal)).get(planned.ref.name);
          owned = live && (await ownedBy(context, planned, live, signal));
        }
        if (live) existing.add(planned);
        if (owned instanceof SlipwayError) refused.set(planned, owned);
        else if (owned) takesOver = true;
      }
    },
  );
  const problems = unowned.flatMap((planned) => {
    const error = refused.get(planned);
    return error ? [{ rendered: planned.rendered, error }] : [];
  });
  const finished = await inheritedJobs(context, unowned);
  const waves = plan.waves.map((wave) =>
    wave
      .filter((planned) => !refused.has(planned))
      .map((one) => (existing.has(one) ? one : withFinished(one, finished))),
  );
  return { ...plan, waves, problems: [...plan.problems, ...problems], takesOver };
}

/** A Job that ended well for the target that it is taken over from, and was cleaned up, does not run again. */
async function inheritedJobs(
  { owningSets }: ReleaseContext,
  unowned: PlannedObject[],
): Promise<FinishedJobs> {
  const inherited: Record<string, string> = {};
  for (const { finished, rightTo } of await owningSets.known()) {
    for (const { ref } of unowned) {
      const run = Object.hasOwn(finished, refKey(ref)) ? finished[refKey(ref)] : undefined;
      if (run !== undefined && (await rightTo(ref)) === 'granted') inherited[refKey(ref)] = run;
    }
  }
  return inherited;
}

function withFinished(planned: PlannedObject, finished: FinishedJobs): PlannedObject {
  return { ...planned, operation: skipIfFinished(planned.operation, finished, planned.wanted) };
}

/** The owner that the object may be taken over from, or the refusal; undefined: it has no owner. */
async function ownedBy(
  context: ReleaseContext,
  planned: PlannedObject,
  live: KubeObject,
  signal: AbortSignal,
): Promise<Owner | SlipwayError | undefined> {
  try {
    return await refuseOwned(context, planned, live, signal);
  } catch (error) {
    if (error instanceof SlipwayError && error.code === 'OBJECT_OWNED') return error;
    throw error;
  }
}

async function collectionsOf(
  context: ReleaseContext,
  unowned: PlannedObject[],
  signal: AbortSignal,
): Promise<Collection[]> {
  const collections = new Map<string, Collection>();
  for (const planned of unowned) {
    const resource = await context.discovery.resource(planned.ref, signal);
    if (!resource) continue;
    const { namespace } = planned.ref;
    const path = collectionPath(resource, namespace);
    const collection = collections.get(path) ?? { resource, namespace, planned: [] };
    collection.planned.push(planned);
    collections.set(path, collection);
  }
  // Single reads are spread over the connections like the lists.
  return [...collections.values()].flatMap((collection) =>
    collection.planned.length >= listFrom
      ? [collection]
      : collection.planned.map((planned) => ({ ...collection, planned: [planned] })),
  );
}

/** By name. Empty if it cannot be read, or neither account may read it: the apply then finds out. */
async function liveOf(
  context: ReleaseContext,
  collection: Collection,
  signal: AbortSignal,
  query: Record<string, string> = {},
): Promise<Map<string, KubeObject>> {
  const { resource, namespace, planned } = collection;
  const [first] = planned;
  const isList = planned.length >= listFrom || !first;
  const path = isList ? collectionPath(resource, namespace) : objectPath(resource, first.ref);
  const accept = isList ? metadataList : metadataOnly;
  try {
    const { body } = await asEither(context.account, (as) =>
      context.client.request({ path, accept, query, as, signal }),
    );
    const items = isList ? listOf(body.items) : [body];
    return new Map(items.flatMap((item) => named(item, resource)));
  } catch (error) {
    if (isApiError(error, 403, 404) || isUnconvertible(error)) return new Map();
    throw error;
  }
}

function named(item: unknown, { group, version, kind }: Resource): [string, KubeObject][] {
  if (!isObject(item) || !isObject(item.metadata)) return [];
  const apiVersion = group === '' ? version : `${group}/${version}`;
  return [[textOf(item.metadata.name), { apiVersion, kind, metadata: item.metadata }]];
}
