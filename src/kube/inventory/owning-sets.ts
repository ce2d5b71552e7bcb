import { listOf, objectOf, textOf } from '../../model/json.ts';
import type { JsonObject, ObjectRef } from '../../model/object.ts';
import type { TargetId } from '../../model/target.ts';
import type { TakeoverRight } from '../../ports/cluster.ts';
import { isApiError } from '../client/api-error.ts';
import type { KubeClient } from '../client/client.ts';
import { idLabel, targetAnnotation, toolingAnnotation, toolName, toolOf } from './applyset.ts';
import type { FinishedJobs } from './finished-jobs.ts';
import { parentOfSet } from './parent-requests.ts';

/** An ApplySet whose label an object carries, and what the release's own target may take over of it. */
export interface OwningSet {
  /** In words: `target github/acme/loans//web@production`. */
  name: string;
  /** Undefined if it is no target of this Slipway. */
  target?: TargetId | undefined;
  /** The right to one of its objects. */
  rightTo(object: ObjectRef): Promise<TakeoverRight>;
  /** Jobs that it saw end well and that were cleaned up since. */
  finished: FinishedJobs;
}

/** The ApplySets whose objects a release meets. */
export interface OwningSets {
  /** The set with this id. Asked for once a release, however many objects the set has. */
  get(setId: string, signal: AbortSignal): Promise<OwningSet>;
  /** The sets that were asked for so far. */
  known(): Promise<OwningSet[]>;
}

/** `stateNamespace` is where the parents of this Slipway are. */
export function createOwningSets(
  client: KubeClient,
  stateNamespace: string,
  takeoverRightOf: (owner: TargetId, object: ObjectRef) => Promise<TakeoverRight>,
): OwningSets {
  const sets = new Map<string, Promise<OwningSet>>();

  async function ask(setId: string, signal: AbortSignal): Promise<OwningSet> {
    const parent = await parentOfSet(client, stateNamespace, setId, signal);
    if (!parent) {
      return { name: await nameOf(client, setId, signal), rightTo: async () => 'foreign', finished: {} };
    }
    const { target, finished } = parent;
    const rightTo = (object: ObjectRef) => takeoverRightOf(target, object);
    return { name: `target ${target}`, target, finished, rightTo };
  }

  return {
    get(setId, signal) {
      const known = sets.get(setId);
      if (known) return known;
      const asked = ask(setId, signal);
      sets.set(setId, asked);
      asked.catch(() => sets.delete(setId));
      return asked;
    },
    known: () => Promise.all(sets.values()),
  };
}

/** kubectl keeps its parents in Secrets unless told otherwise; of those only the metadata is asked for. */
const parentKinds = { configmaps: 'ConfigMap', secrets: 'Secret' };
const metadataList = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** Names a set that is not this Slipway's by its parent, wherever on the cluster that is; else by its id. */
async function nameOf(client: KubeClient, setId: string, signal: AbortSignal): Promise<string> {
  const query = { labelSelector: `${idLabel}=${setId}` };
  for (const [resource, kind] of Object.entries(parentKinds)) {
    const path = `/api/v1/${resource}`;
    const response = await client.request({ path, query, accept: metadataList, signal }).catch(forbidden);
    const [found] = listOf(response?.body.items);
    if (found) return describeParent(kind, objectOf(objectOf(found).metadata));
  }
  return `ApplySet ${setId}`;
}

/** Without the right to list parents, the id has to do. */
function forbidden(error: unknown): undefined {
  if (!isApiError(error, 403)) throw error;
}

function describeParent(kind: string, { namespace, name, annotations }: JsonObject): string {
  const tool = toolOf(textOf(objectOf(annotations)[toolingAnnotation]));
  const target = textOf(objectOf(annotations)[targetAnnotation]);
  const parent = `${kind} ${textOf(namespace)}/${textOf(name)}`;
  return tool === toolName && target !== ''
    ? `target ${target} of another Slipway (${parent})`
    : `the ApplySet of ${parent}, managed by ${tool || 'an unnamed tool'}`;
}
