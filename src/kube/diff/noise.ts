import { isObject } from '../../model/json.ts';
import type { JsonObject, KubeObject } from '../../model/object.ts';
import { runAnnotation } from '../hooks/hook-object.ts';
import { partOfLabel } from '../inventory/applyset.ts';

const bookkeeping = [
  'managedFields',
  'resourceVersion',
  'generation',
  'uid',
  'creationTimestamp',
  'selfLink',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
];

/** What the API server and controllers count and note of their own accord, and what Slipway marks. */
const noisyAnnotations = [
  'deployment.kubernetes.io/revision',
  'deprecated.daemonset.template.generation',
  runAnnotation,
];

/** The object without what no file says. */
export function withoutNoise(object: KubeObject): JsonObject {
  const { status: _status, apiVersion, kind, metadata, ...rest } = object;
  const clean = without(metadata, bookkeeping);
  const labels = isObject(metadata.labels) ? without(metadata.labels, [partOfLabel]) : undefined;
  const annotations = isObject(metadata.annotations)
    ? without(metadata.annotations, noisyAnnotations)
    : undefined;
  const shown = { ...clean, ...always('labels', labels), ...always('annotations', annotations) };
  return { apiVersion, kind, metadata: shown, ...rest };
}

function without(object: JsonObject, keys: string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

function always(key: string, value: JsonObject | undefined): JsonObject {
  return { [key]: value ?? {} };
}

/** Labels that a Job is given at each making, with its own uid in them (batch/v1, job strategy). */
const ofEachMaking =
  /^spec\.(selector\.matchLabels|template\.metadata\.labels)(\.|\[(batch\.kubernetes\.io\/)?)controller-uid\]?$/;

/** Whether a field says nothing but that the object was made anew. */
export function isNoise({ kind }: KubeObject, path: string): boolean {
  return kind === 'Job' && ofEachMaking.test(path);
}
