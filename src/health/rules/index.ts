import { createBudget } from '../../cel/budget.ts';
import { findRule, type HealthRule } from '../../model/health-rule.ts';
import type { KubeObject } from '../../model/object.ts';
import { condition } from '../conditions.ts';
import { createRuleEvaluator, type RuleEvaluator } from './evaluate-rule.ts';
import { composedByCrossplane } from './tables/crossplane.ts';
import { tables } from './tables/index.ts';

const known = new Map<string, RuleEvaluator>(
  tables.flatMap(({ kinds }) =>
    Object.entries(kinds).map(([kind, rule]) => [kind, createRuleEvaluator(rule)] as const),
  ),
);

const composed = createRuleEvaluator(composedByCrossplane);

/**
 * The rule that comes with Slipway for a custom resource: by its kind or, for composites and claims of Crossplane, by
 * its conditions.
 */
export function projectRule(object: KubeObject, groupKind: string): RuleEvaluator | undefined {
  const found = findRule(known, groupKind);
  if (found || !groupKind.includes('.')) return found;
  // Kinds and groups of composites and claims are chosen by their authors; only Crossplane sets this pair of conditions.
  return condition(object, 'Synced') && condition(object, 'Ready') ? composed : undefined;
}

const undecided = 'no expression of its health rule is true';

/** Steps that the rules of a repository may cost in a release beyond cheap evaluations: about a second. */
const STEPS_PER_RELEASE = 500_000;

/** The rules of a repository by kind, for one release. If a kind has several, the last one counts. */
export function compileRules(rules: readonly HealthRule[]): ReadonlyMap<string, RuleEvaluator> {
  const shared = createBudget(STEPS_PER_RELEASE);
  return new Map(rules.map(({ kind, ...rule }) => [kind, createRuleEvaluator(rule, { undecided, shared })]));
}
