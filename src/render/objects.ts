import { SlipwayError } from '../errors.ts';
import { hookOf } from '../model/hook.ts';
import { type KubeObject, type RenderedObject, refKey, refOf } from '../model/object.ts';
import { describePlace, type SourcePlace } from '../model/source-place.ts';
import { isRecord } from './record.ts';
import type { YamlDocument } from './yaml/documents.ts';

/** More values than any manifest has, and few enough to walk: aliases of aliases can stand for billions. */
const MAX_VALUES = 1_000_000;

/** The parser ends at 100 levels, but an alias may stand for a hundred more. */
const MAX_DEPTH = 200;

/**
 * The Kubernetes objects among the documents, lists flattened, each checked for what every object needs. Throws
 * OBJECT_INVALID with the file, the line and the name.
 */
export function toObjects(
  documents: YamlDocument[],
  placeOf: (document: YamlDocument) => SourcePlace,
): RenderedObject[] {
  const objects: RenderedObject[] = [];
  for (const document of documents) {
    if (document.value === null || document.value === undefined) continue;
    const place = placeOf(document);
    checkJson(document.value, place);
    addObjects(document.value, place, objects);
  }
  return objects;
}

/** Writes `kind: List` and typed lists as their items, however deep. */
function addObjects(value: unknown, place: SourcePlace, objects: RenderedObject[]): void {
  if (!isRecord(value)) throw invalid('is not a Kubernetes object but a plain value or list', place);
  const { kind, apiVersion, items } = value;
  if (typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items)) {
    for (const item of items) addObjects(withListType(item, kind, apiVersion), place, objects);
    return;
  }
  // A copy without shared parts: aliases must not let a later change of one object touch another.
  const object: unknown = JSON.parse(JSON.stringify(value));
  checkObject(object, place);
  checkName(object, place);
  objects.push({ object, source: place });
}

/** Items of a typed list (`ConfigMapList`) may leave out what the list says. */
function withListType(item: unknown, listKind: string, apiVersion: unknown): unknown {
  if (listKind === 'List' || !isRecord(item)) return item;
  return { apiVersion, kind: listKind.slice(0, -'List'.length), ...item };
}

function checkObject(value: unknown, place: SourcePlace): asserts value is KubeObject {
  if (!isRecord(value)) throw invalid('is not a Kubernetes object', place);
  for (const field of ['apiVersion', 'kind']) {
    const text = value[field];
    if (typeof text !== 'string' || text === '') throw invalid(`has no ${field}`, place, nameOf(value));
  }
  const { metadata } = value;
  if (!isRecord(metadata)) throw invalid('has no metadata.name', place, String(value.kind));
  if (String(value.apiVersion).startsWith('kustomize.config.k8s.io/')) {
    throw invalid('belongs to Kustomize and is no object of a cluster', place, String(value.kind), {
      hint: 'Make this folder an app of its own, or set renderer: kustomize in slipway.yaml.',
    });
  }
}

function checkName(object: KubeObject, place: SourcePlace): void {
  const { name, generateName } = object.metadata;
  if (typeof name === 'string' && name !== '') return;
  const isGenerated = typeof generateName === 'string';
  if (isGenerated && hookOf(object)) return;
  const hint = isGenerated
    ? 'generateName makes a new object on every deploy; give it a fixed name, or make it a hook.'
    : undefined;
  throw invalid('has no metadata.name', place, object.kind, { hint });
}

/** What JSON cannot say must not be turned into something else on its way to the cluster. */
function checkJson(root: unknown, place: SourcePlace): void {
  let count = 0;
  const walk = (value: unknown, depth: number): void => {
    count += 1;
    if (count > MAX_VALUES || depth > MAX_DEPTH)
      throw new SlipwayError('RENDER_LIMIT', 'the document stands for too many values', { place });
    if (typeof value === 'number' && !Number.isFinite(value))
      throw invalid(`holds ${value}, which JSON cannot say`, place);
    if (Array.isArray(value)) for (const item of value) walk(item, depth + 1);
    else if (isRecord(value)) for (const key of Object.keys(value)) walk(value[key], depth + 1);
  };
  walk(root, 0);
}

/**
 * Two objects of one name would overwrite one another in turn. Equal copies are dropped, different ones refused with
 * both places. Throws OBJECT_INVALID.
 */
export function dropRepeated(objects: RenderedObject[], namespace: string): RenderedObject[] {
  const seen = new Map<string, RenderedObject>();
  return objects.filter((each) => {
    const ref = refOf(each.object);
    const key = refKey({ ...ref, namespace: ref.namespace ?? namespace });
    const first = seen.get(key);
    if (first === undefined || ref.name === '') {
      seen.set(key, each);
      return true;
    }
    if (JSON.stringify(first.object) === JSON.stringify(each.object)) return false;
    const summary = `it is written twice; the other is in ${describePlace(first.source)}`;
    throw new SlipwayError('OBJECT_INVALID', summary, { place: each.source, object: ref });
  });
}

function nameOf(value: Record<string, unknown>): string | undefined {
  const name = isRecord(value.metadata) ? value.metadata.name : undefined;
  return typeof name === 'string' ? name : undefined;
}

function invalid(
  what: string,
  place: SourcePlace,
  subject?: string,
  more: { hint?: string | undefined } = {},
): SlipwayError {
  return new SlipwayError('OBJECT_INVALID', `${subject ?? 'the document'} ${what}`, {
    place,
    ...more,
  });
}
