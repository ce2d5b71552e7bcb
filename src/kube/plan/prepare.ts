import { SlipwayError } from '../../errors.ts';
import { isObject } from '../../model/json.ts';
import type { JsonObject, KubeObject, RenderedObject } from '../../model/object.ts';
import { refOf } from '../../model/object.ts';
import { partOfLabel } from '../inventory/applyset.ts';

/**
 * Metadata that the API server sets (ObjectMeta's "read-only" fields). A file has it if somebody exported the object;
 * sent, a uid or resourceVersion of another object is a precondition that never holds.
 */
const setByServer = new Set([
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'generation',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'uid',
]);

/** The object as it is sent: the rendered one with the label of its set. The rendered one is left as it is. */
export function prepare({ object, source }: RenderedObject, setId: string): KubeObject {
  const labels = isObject(object.metadata.labels) ? object.metadata.labels : {};
  const fail = (summary: string, hint: string) =>
    new SlipwayError('OBJECT_INVALID', summary, { place: source, object: refOf(object), hint });
  if (!object.metadata.name) {
    throw fail('it has no metadata.name', 'Server-side apply needs a name: generateName is for hooks only.');
  }
  if (partOfLabel in labels) {
    throw fail(`it sets the label ${partOfLabel} itself`, 'Remove the label: Slipway sets it.');
  }
  const metadata = Object.entries(object.metadata).filter(([name]) => !setByServer.has(name));
  return {
    ...encodeStringData(object),
    metadata: { ...Object.fromEntries(metadata), labels: { ...labels, [partOfLabel]: setId } },
  };
}

/**
 * `stringData` as `data`, as the API server would store it. Sent as it is, a key that is removed from the file
 * stays on the cluster, because ownership is kept for `stringData` and the value in `data`
 * (seen on 1.37; kubernetes/kubernetes#70281).
 */
function encodeStringData(object: KubeObject): KubeObject {
  if (object.kind !== 'Secret' || object.apiVersion !== 'v1' || !isObject(object.stringData)) return object;
  const { stringData, ...rest } = object;
  const encoded: JsonObject = isObject(object.data) ? { ...object.data } : {};
  for (const [key, value] of Object.entries(stringData)) {
    // Left to the API server to refuse, which names the field.
    if (typeof value !== 'string') return object;
    encoded[key] = Buffer.from(value).toString('base64');
  }
  return {
    ...rest,
    metadata: object.metadata,
    apiVersion: object.apiVersion,
    kind: object.kind,
    data: encoded,
  };
}
