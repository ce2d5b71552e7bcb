import type { FieldChange } from '../../model/change-set.ts';
import { MASK } from '../../model/mask.ts';
import type { JsonValue, KubeObject } from '../../model/object.ts';
import { isObject } from '../json.ts';

const secretPaths = /^(data|stringData)(\.|\[|$)/;
const lastApplied = 'metadata.annotations[kubectl.kubernetes.io/last-applied-configuration]';

/** Values of a Secret as MASK: that a key changed stays visible, what it holds or held does not. */
export function maskChanges(object: KubeObject, changes: FieldChange[]): FieldChange[] {
  if (!isSecret(object)) return changes;
  return changes.map((change) => {
    if (!secretPaths.test(change.path) && !change.path.startsWith(lastApplied))
      return maskAnnotations(change);
    return { path: change.path, before: maskValue(change.before), after: maskValue(change.after) };
  });
}

export function isSecret(object: { apiVersion: string; kind: string }): boolean {
  return object.kind === 'Secret' && object.apiVersion === 'v1';
}

/** The keys of a whole `data` that came or went stay readable. */
function maskValue(value: JsonValue | undefined): JsonValue | undefined {
  if (value === undefined) return undefined;
  if (!isObject(value)) return MASK;
  return Object.fromEntries(Object.keys(value).map((key) => [key, MASK]));
}

/** All annotations at once, where the Secret had none before: kubectl's copy of the data is one of them. */
function maskAnnotations(change: FieldChange): FieldChange {
  const mask = (value: JsonValue | undefined) => {
    if (change.path !== 'metadata.annotations' || !isObject(value)) return value;
    const key = 'kubectl.kubernetes.io/last-applied-configuration';
    return key in value ? { ...value, [key]: MASK } : value;
  };
  return { path: change.path, before: mask(change.before), after: mask(change.after) };
}
