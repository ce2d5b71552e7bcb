import { partOfLabel } from '../../../../src/kube/inventory/applyset.ts';
import type { JsonObject, KubeObject, RenderedObject } from '../../../../src/model/object.ts';

export const setId = 'applyset-web-v1';

/** A ConfigMap as a file has it. */
export function configMap(name: string, annotations: JsonObject = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'loans', annotations },
    data: { a: '1' },
  };
}

export function rendered(object: KubeObject): RenderedObject {
  return { object, source: { file: `${object.metadata.name}.yaml` } };
}

/** The object as a member of the set on the cluster, with Slipway's entry for what it applied. */
export function member(object: KubeObject, change: Partial<KubeObject> = {}): KubeObject {
  const labels = { [partOfLabel]: setId };
  const annotations = Object.keys(object.metadata.annotations ?? {});
  const owned = {
    'f:metadata': {
      'f:annotations': Object.fromEntries(annotations.map((name) => [`f:${name}`, {}])),
      'f:labels': { [`f:${partOfLabel}`]: {} },
    },
    'f:data': { 'f:a': {} },
  };
  const managedFields = [
    { manager: 'slipway', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: owned },
  ];
  const metadata = { ...object.metadata, labels, uid: 'u', resourceVersion: '7', managedFields };
  return { ...object, metadata, ...change };
}
