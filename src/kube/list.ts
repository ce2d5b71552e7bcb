import { asObject, objectsAt, textAt } from '../model/json.ts';
import type { JsonObject, KubeObject } from '../model/object.ts';
import type { KubeClient, KubeRequest } from './client/client.ts';

/** A list's items with the apiVersion and kind that single objects have and the items of lists leave out. */
export function itemsOf(list: JsonObject): KubeObject[] {
  const apiVersion = textAt(list, 'apiVersion');
  const kind = textAt(list, 'kind').replace(/List$/, '');
  return objectsAt(list, 'items').map((item) => ({
    apiVersion,
    kind,
    ...item,
    metadata: asObject(item.metadata) ?? {},
  }));
}

/** Objects in one answer: pages keep a list of thousands from being one text of tens of megabytes. */
const pageSize = 500;

/**
 * Reads a collection page by page, all at one moment, and resolves to that moment's resourceVersion. Rejects with a
 * KubeApiError of 410 where the server forgot the moment meanwhile: then the list has to begin again.
 */
export async function listPages(
  client: Pick<KubeClient, 'request'>,
  request: KubeRequest,
  onPage: (objects: KubeObject[]) => void,
): Promise<string> {
  for (let next: string | undefined; ; ) {
    const query = { ...request.query, limit: pageSize, continue: next };
    const { body } = await client.request({ ...request, query });
    onPage(itemsOf(body));
    next = textAt(body, 'metadata', 'continue') || undefined;
    if (next === undefined) return textAt(body, 'metadata', 'resourceVersion');
  }
}
