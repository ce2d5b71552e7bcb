import { listOf, objectOf, textOf } from '../../model/json.ts';
import type { JsonObject } from '../../model/object.ts';
import type { TargetId } from '../../model/target.ts';
import type { TakeoverRight } from '../../ports/cluster.ts';
import { isApiError } from '../client/api-error.ts';
import { idLabel, targetAnnotation, toolingAnnotation, toolName, toolOf } from '../inventory/applyset.ts';
import type { FinishedJobs } from '../inventory/finished-jobs.ts';
import { parentOfSet } from '../inventory/parent-requests.ts';
import type { Session } from '../session.ts';

/** The ApplySet whose label an object carries, and what the session's own target may do about it. */
export interface OwningSet {
  /** In words: `target github/acme/loans//web@production`. */
  name: string;
  /** Undefined where it is no target of this Slipway. */
  target?: TargetId | undefined;
  takeoverRight: TakeoverRight;
  /** Jobs that it saw end well and that were cleaned up since. */
  finished: FinishedJobs;
}

/** The set with this id. Asked once a run, however many objects the set has. */
export function owningSet(session: Session, setId: string, signal: AbortSignal): Promise<OwningSet> {
  const known = session.owners.get(setId);
  if (known) return known;
  const asked = ask(session, setId, signal);
  session.owners.set(setId, asked);
  asked.catch(() => session.owners.delete(setId));
  return asked;
}

async function ask(session: Session, setId: string, signal: AbortSignal): Promise<OwningSet> {
  const { client, parent, takeoverRight } = session;
  const other = await parentOfSet(client, parent.key.namespace, setId, signal);
  if (!other) return { name: await nameOf(session, setId, signal), takeoverRight: 'foreign', finished: {} };
  const { target, finished } = other;
  return { name: `target ${target}`, target, finished, takeoverRight: await takeoverRight(target) };
}

/** kubectl keeps its parents in Secrets unless told otherwise; of those only the metadata is asked for. */
const parentKinds = { configmaps: 'ConfigMap', secrets: 'Secret' };
const metadataList = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** A set that is not ours by its parent, wherever on the cluster that is; by its id where it is not found. */
async function nameOf({ client }: Session, setId: string, signal: AbortSignal): Promise<string> {
  const query = { labelSelector: `${idLabel}=${setId}` };
  for (const [resource, kind] of Object.entries(parentKinds)) {
    const path = `/api/v1/${resource}`;
    const response = await client.request({ path, query, accept: metadataList, signal }).catch(forbidden);
    const [found] = listOf(response?.body.items);
    if (found) return inWords(kind, objectOf(objectOf(found).metadata));
  }
  return `ApplySet ${setId}`;
}

/** Not ours to look at: the id has to do. */
function forbidden(error: unknown): undefined {
  if (!isApiError(error, 403)) throw error;
}

function inWords(kind: string, { namespace, name, annotations }: JsonObject): string {
  const tool = toolOf(textOf(objectOf(annotations)[toolingAnnotation]));
  const target = textOf(objectOf(annotations)[targetAnnotation]);
  const where = `${kind} ${textOf(namespace)}/${textOf(name)}`;
  return tool === toolName && target !== ''
    ? `target ${target} of another Slipway (${where})`
    : `the ApplySet of ${where}, managed by ${tool || 'an unnamed tool'}`;
}
