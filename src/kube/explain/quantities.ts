import { isObject } from '../../model/json.ts';
import type { JsonValue, KubeObject } from '../../model/object.ts';
import { namedPath } from './named-path.ts';

/** k8s.io/apimachinery/pkg/api/resource, splitREString. */
const quantity = /^[+-]?[0-9.]+[eEinumkKMGTP]*[-+]?[0-9]*$/;

/** Maps of quantities, and fields that are a quantity, in the built-in kinds. */
const maps = /^(requests|limits|capacity|hard|overhead|default|defaultRequest|min|max|podFixed)$/;
const fields = /^(sizeLimit|divisor|averageValue)$/;

/** `spec.…requests.cpu: "1 core" is not a quantity` for each. The API server does not name the fields. */
export function wrongQuantities(object: KubeObject): string[] {
  return found(object, '', false).map(
    ([path, text]) => `${namedPath(path, object)}: ${JSON.stringify(text)} is not a quantity`,
  );
}

function found(value: JsonValue, path: string, isQuantity: boolean): [path: string, text: string][] {
  if (typeof value === 'string') return isQuantity && !quantity.test(value) ? [[path, value]] : [];
  if (Array.isArray(value)) return value.flatMap((entry, index) => found(entry, `${path}[${index}]`, false));
  if (!isObject(value)) return [];
  const inMap = maps.test(path.slice(path.lastIndexOf('.') + 1));
  return Object.entries(value).flatMap(([key, child]) => {
    const next = /^[\w-]+$/.test(key) ? `${path === '' ? '' : `${path}.`}${key}` : `${path}[${key}]`;
    return found(child, next, inMap || fields.test(key));
  });
}
