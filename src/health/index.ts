import { findRule, type HealthRule } from '../model/health-rule.ts';
import { type Masks, secretMasks } from '../model/masks.ts';
import { groupKind, type KubeObject, refOf } from '../model/object.ts';
import { isUnobserved } from './conditions.ts';
import { deletionHealth } from './deletion.ts';
import { pauseVerdict } from './generic/by-conditions.ts';
import { genericHealth } from './generic.ts';
import { builtInKinds } from './kinds/index.ts';
import type { RuleEvaluator } from './rules/evaluate-rule.ts';
import { compileRules, projectRule } from './rules/index.ts';
import { progressing, type Verdict } from './verdict.ts';

export { isFinished } from './deletion.ts';

/** Computes the health of an object from its JSON as the API server returned it. */
export type EvaluateHealth = (object: KubeObject) => Verdict;

/** Health by the rules that come with Slipway. */
export const healthOf: EvaluateHealth = createHealthEvaluator();

/**
 * Health by the rules of a repository first, then by those that come with Slipway. Checks, in this order:
 *
 * 1. An object that is being deleted is `terminating`.
 * 2. A suspended object is `suspended`, also if its controller has not observed it: controllers skip such objects.
 * 3. An object whose controller has not observed its latest generation is `progressing`.
 * 4. Rules and functions for its kind; `generic.ts` for kinds that have none.
 *
 * Rules of a repository are evaluated on the object without its masked fields.
 */
export function createHealthEvaluator(
  rules: readonly HealthRule[] = [],
  masks: Masks = secretMasks,
): EvaluateHealth {
  const repositoryRules = compileRules(rules);
  return (object) => {
    const kind = groupKind(refOf(object));
    const own = findRule(repositoryRules, kind);
    const evaluators = evaluatorsFor(object, kind, own);
    const isGeneric = !builtInKinds.has(kind) && evaluators.every(({ complete }) => !complete);
    const visible = own ? masks.without(object) : object;
    const first = (evaluate: (rule: RuleEvaluator, seen: KubeObject) => Verdict | undefined) =>
      firstVerdict(evaluators, (rule) => evaluate(rule, rule === own ? visible : object));
    return (
      deletionHealth(object) ??
      first((rule, seen) => rule.suspends(seen)) ??
      (isGeneric ? pauseVerdict(object) : undefined) ??
      (isUnobserved(object) ? progressing('waiting for its controller') : undefined) ??
      first((rule, seen) => rule.verdict(seen)) ??
      (builtInKinds.get(kind) ?? genericHealth)(object)
    );
  };
}

/** The rules to ask, in order. A repository's rule with a `healthy` expression replaces Slipway's own. */
function evaluatorsFor(object: KubeObject, kind: string, own: RuleEvaluator | undefined): RuleEvaluator[] {
  if (own?.complete) return [own];
  const project = builtInKinds.has(kind) ? undefined : projectRule(object, kind);
  return [own, project].filter((rule) => rule !== undefined);
}

function firstVerdict(
  evaluators: readonly RuleEvaluator[],
  evaluate: (rule: RuleEvaluator) => Verdict | undefined,
): Verdict | undefined {
  for (const rule of evaluators) {
    const verdict = evaluate(rule);
    if (verdict) return verdict;
  }
  return undefined;
}
