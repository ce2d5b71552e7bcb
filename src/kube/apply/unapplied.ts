import { SlipwayError } from '../../errors.ts';
import type { ObjectChange } from '../../model/change-set.ts';
import { objectOf, textOf } from '../../model/json.ts';
import { describeRef, refOf } from '../../model/object.ts';
import { kindComesLater } from '../../model/sync-options.ts';
import type { TargetId } from '../../model/target.ts';
import type { ReleaseContext } from '../context.ts';
import { OwnedError } from '../ownership/refuse-owned.ts';
import { isDefinition } from '../plan/order.ts';
import type { ApplyPlan, PlannedObject } from '../plan/plan.ts';
import { sourceOf } from './object-change.ts';

/** The change set of a plan that is refused before anything is sent. */
export function refusedBeforehand(plan: ApplyPlan): ObjectChange[] {
  const failed = plan.problems.map(({ rendered, error }): ObjectChange => {
    const ref = refOf(rendered.object);
    const named = describeRef(ref);
    const reason = error.message.replace(`${named}: `, '').replace(`${named} `, '');
    const change = { ref, source: sourceOf({ rendered }), reason, hint: error.hint };
    return { ...change, action: 'failed', fields: [], ownedBy: ownerTarget(error) };
  });
  const others = plan.waves.flat().map((planned): ObjectChange => {
    const reason = 'not applied: another object of the app cannot be';
    return { ref: planned.ref, source: sourceOf(planned), action: 'skipped', fields: [], reason };
  });
  return [...failed, ...others];
}

/** The other target that an object belongs to, if it is refused for that. */
export function ownerTarget(error: unknown): TargetId | undefined {
  return error instanceof OwnedError ? error.target : undefined;
}

/** A dry run cannot check an object whose kind or namespace comes with the same change: it is shown as created. */
export function uncheckable(
  planned: PlannedObject,
  plan: ApplyPlan,
  { namespaces }: ReleaseContext,
  error: unknown,
): ObjectChange | undefined {
  if (!(error instanceof SlipwayError)) return undefined;
  const missing = error.code === 'NAMESPACE_MISSING' ? 'namespace' : 'kind';
  const comes =
    missing === 'namespace'
      ? hasNamespaceOf(plan, planned) || namespaces.foresee(planned.ref.namespace)
      : error.code === 'OBJECT_INVALID' &&
        (hasKindOf(plan, planned) || kindComesLater(planned.rendered.object));
  if (!comes) return undefined;
  const reason = `not checked by the API server: its ${missing} comes with the same change`;
  return { ref: planned.ref, source: sourceOf(planned), action: 'created', fields: [], reason };
}

function hasNamespaceOf(plan: ApplyPlan, { ref }: PlannedObject): boolean {
  return plan.waves
    .flat()
    .some((other) => other.ref.kind === 'Namespace' && other.ref.name === ref.namespace);
}

function hasKindOf(plan: ApplyPlan, { ref, before }: PlannedObject): boolean {
  if (before) return false;
  return plan.waves
    .flat()
    .filter(({ ref }) => isDefinition(ref))
    .map(({ wanted }) => objectOf(wanted.spec))
    .some((spec) => textOf(spec.group) === ref.group && textOf(objectOf(spec.names).kind) === ref.kind);
}
