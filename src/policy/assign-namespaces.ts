import { type ObjectRef, type RenderedObject, refKey, refOf } from '../model/object.ts';
import { describePlace } from '../model/source-place.ts';
import { kindComesLater } from '../model/sync-options.ts';
import type { Target } from '../model/target.ts';
import type { Violation } from '../model/violation.ts';
import type { Cluster } from '../ports/cluster.ts';
import type { AssignedObjects } from '../ports/policy.ts';
import { scopeOf } from './kind-scope.ts';
import { formMistake, safeRef } from './object-form.ts';

/** Namespaced objects that name no namespace get the target's; what has no identity becomes a violation. */
export async function assignNamespaces(
  target: Pick<Target, 'namespace'>,
  objects: RenderedObject[],
  cluster: Pick<Cluster, 'isNamespaced' | 'unknownKind'>,
): Promise<AssignedObjects> {
  const scope = scopeOf(objects, cluster);
  const assigned: RenderedObject[] = [];
  const violations: Violation[] = [];
  for (const rendered of objects) {
    const { object } = rendered;
    const mistake = formMistake(object);
    if (mistake) {
      violations.push(violation('form', rendered, safeRef(object), { message: mistake }));
      continue;
    }
    // If the kind comes with the release, nobody knows its scope yet; the apply verifies the assumption.
    const namespaced = (await scope(object)) ?? (kindComesLater(object) || undefined);
    if (namespaced === undefined) {
      const unknown = await cluster.unknownKind(refOf(object));
      violations.push(violation('known-kind', rendered, refOf(object), unknown));
      continue;
    }
    // Charts often write a namespace on cluster-scoped objects; the API server drops it.
    const namespace = namespaced ? object.metadata.namespace || target.namespace : undefined;
    assigned.push(withNamespace(rendered, namespace));
  }
  return withoutDuplicates(assigned, violations);
}

function withoutDuplicates(objects: RenderedObject[], violations: Violation[]): AssignedObjects {
  const first = new Map<string, RenderedObject>();
  const unique: RenderedObject[] = [];
  const duplicates: Violation[] = [];
  for (const rendered of objects) {
    const ref = refOf(rendered.object);
    const earlier = ref.name === '' ? undefined : first.get(refKey(ref));
    if (earlier) {
      const message = `it is defined twice in this app, also in ${describePlace(earlier.source)}`;
      duplicates.push(violation('unique', rendered, ref, { message, hint: 'Remove one of the two.' }));
    } else {
      first.set(refKey(ref), rendered);
      unique.push(rendered);
    }
  }
  return { objects: unique, violations: [...violations, ...duplicates] };
}

function withNamespace(rendered: RenderedObject, namespace: string | undefined): RenderedObject {
  if (rendered.object.metadata.namespace === namespace) return rendered;
  const { namespace: _, ...metadata } = rendered.object.metadata;
  const assigned = namespace === undefined ? metadata : { ...metadata, namespace };
  return { ...rendered, object: { ...rendered.object, metadata: assigned } };
}

function violation(
  rule: 'form' | 'known-kind' | 'unique',
  { source }: RenderedObject,
  object: ObjectRef,
  {
    message,
    hint = 'Correct the object in the named file and push again.',
  }: { message: string; hint?: string },
): Violation {
  return { engine: 'objects', rule, mode: 'enforce', object, place: source, message, hint };
}
