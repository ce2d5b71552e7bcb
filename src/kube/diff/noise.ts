import { isObject } from '../../model/json.ts';
import type { JsonObject, KubeObject } from '../../model/object.ts';
import { runAnnotation } from '../../model/run-annotation.ts';
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

/** Annotations that controllers and Slipway set on every change. */
const noisyAnnotations = [
  'deployment.kubernetes.io/revision',
  'deprecated.daemonset.template.generation',
  runAnnotation,
];

/** The object without fields that no file sets. */
export function withoutNoise(object: KubeObject): JsonObject {
  const { status: _status, apiVersion, kind, metadata, ...rest } = object;
  const clean = without(metadata, bookkeeping);
  const labels = isObject(metadata.labels) ? without(metadata.labels, [partOfLabel]) : undefined;
  const annotations = isObject(metadata.annotations)
    ? without(metadata.annotations, noisyAnnotations)
    : undefined;
  const shown = {
    ...clean,
    ...presentOrEmpty('labels', labels),
    ...presentOrEmpty('annotations', annotations),
  };
  return { apiVersion, kind, metadata: shown, ...rest };
}

function without(object: JsonObject, keys: string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

function presentOrEmpty(key: string, value: JsonObject | undefined): JsonObject {
  return { [key]: value ?? {} };
}

/** Labels with its own uid, which a Job gets when it is created (batch/v1, job strategy). */
const jobUidLabels =
  /^spec\.(selector\.matchLabels|template\.metadata\.labels)(\.|\[(batch\.kubernetes\.io\/)?)controller-uid\]?$/;

/** Whether a change of the field only shows that the object was recreated. */
export function isNoise({ kind }: KubeObject, path: string): boolean {
  return kind === 'Job' && jobUidLabels.test(path);
}
