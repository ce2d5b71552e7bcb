import { SlipwayError } from '../../errors.ts';
import type { ObjectChange } from '../../model/change-set.ts';
import { objectOf, textOf } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import { refKey, refOf } from '../../model/object.ts';
import { kindComesLater } from '../../model/sync-options.ts';
import type { ReleaseContext } from '../context.ts';
import { mayFitNewSchema } from '../explain/new-schema.ts';
import { isDefinition } from '../plan/order.ts';
import type { ApplyPlan, PlannedObject } from '../plan/plan.ts';
import type { Applied } from './applied.ts';
import { failedChange } from './failed-change.ts';
import { fileFields } from './object-change.ts';

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

/**
 * A dry run cannot check an object whose namespace, kind or schema comes with the same change: what would become of it
 * is shown by its file alone.
 */
export async function uncheckable(
  planned: PlannedObject,
  { plan, applied }: { plan: ApplyPlan; applied: readonly Applied[] },
  context: ReleaseContext,
  error: unknown,
): Promise<ObjectChange | undefined> {
  const reason = whyUncheckable(planned, { plan, applied }, context, error);
  if (reason === undefined) return undefined;
  const { ref, rendered, wanted } = planned;
  const live = (await context.live).members.get(refKey(ref));
  const notice: Notice = { kind: 'not-checked', summary: `its ${reason} with the same change` };
  const change = { ref, source: rendered.source, notice };
  if (!live) return { ...change, action: 'created', fields: [] };
  return { ...change, action: 'configured', fields: fileFields(live, wanted, context.masks) };
}

function whyUncheckable(
  planned: PlannedObject,
  { plan, applied }: { plan: ApplyPlan; applied: readonly Applied[] },
  { namespaces }: ReleaseContext,
  error: unknown,
): string | undefined {
  if (!(error instanceof SlipwayError)) return undefined;
  if (error.code === 'NAMESPACE_MISSING') {
    const comes = hasNamespaceOf(plan, planned) || namespaces.foresee(planned.ref.namespace);
    return comes ? 'namespace comes' : undefined;
  }
  if (error.code !== 'OBJECT_INVALID') return undefined;
  if (hasKindOf(plan, planned) || kindComesLater(planned.rendered.object)) return 'kind comes';
  return mayFitChangedKind(planned, applied, error) ? 'kind changes' : undefined;
}

/**
 * Whether an object was refused whose definition this apply has changed: by the schema of before, as in a dry run, or
 * because not every API server has the new one yet.
 */
export function mayFitChangedKind(
  { definition, wanted }: PlannedObject,
  applied: readonly Applied[],
  error: SlipwayError,
): boolean {
  if (!definition) return false;
  const key = refKey(refOf(definition.object));
  const isChanged = applied.some((one) => refKey(one.ref) === key && (one.created || one.changed));
  return isChanged && mayFitNewSchema(error.cause, wanted, definition.object);
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
