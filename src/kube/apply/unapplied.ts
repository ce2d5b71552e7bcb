import { SlipwayError } from '../../errors.ts';
import type { ObjectChange } from '../../model/change-set.ts';
import { objectOf, textOf } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import { refOf } from '../../model/object.ts';
import { kindComesLater } from '../../model/sync-options.ts';
import type { ReleaseContext } from '../context.ts';
import { isDefinition } from '../plan/order.ts';
import type { ApplyPlan, PlannedObject } from '../plan/plan.ts';
import { failedChange } from './failed-change.ts';

/** The change set of a plan that is refused before anything is sent. */
export function refusedBeforehand(plan: ApplyPlan): ObjectChange[] {
  const failed = plan.problems.map(({ rendered, error }) =>
    failedChange({ ref: refOf(rendered.object), rendered }, error),
  );
  const others = plan.waves.flat().map((planned): ObjectChange => {
    const notice: Notice = { kind: 'not-applied', summary: 'another object of the app cannot be applied' };
    return { ref: planned.ref, source: planned.rendered.source, action: 'skipped', fields: [], notice };
  });
  return [...failed, ...others];
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
  const notice: Notice = { kind: 'not-checked', summary: `its ${missing} comes with the same change` };
  return { ref: planned.ref, source: planned.rendered.source, action: 'created', fields: [], notice };
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
