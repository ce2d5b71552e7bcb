import { type Budget, createBudget } from '../../cel/budget.ts';
import { createCel, isMistake, type Outcome, type Variables } from '../../cel/compile.ts';
import { type HealthRule, healthVariables } from '../../model/health-rule.ts';
import type { KubeObject } from '../../model/object.ts';
import { failed, failedPermanently, healthy, progressing, suspended, type Verdict } from '../verdict.ts';
import { describeStatus } from './describe-status.ts';
import { ruleVariables } from './rule-variables.ts';

/** A compiled health rule. */
export interface RuleEvaluator {
  /** It has a `healthy` expression, so it decides for every object. Without one, other rules decide what it leaves open. */
  readonly complete: boolean;
  suspends(object: KubeObject): Verdict | undefined;
  /** Undefined if none of its expressions is true and it has no `healthy`. */
  verdict(object: KubeObject): Verdict | undefined;
}

/** Evaluation steps for all expressions of a rule and one object together: at worst some tens of milliseconds. */
const STEPS_PER_RULE = 50_000;

/** An evaluation of at most this many steps takes no longer than what else is done for an object, and is always made. */
const STEPS_FOR_FREE = 1_000;

// Caches compiled expressions, which are pure and shared by every cluster and target.
const cel = createCel(healthVariables);

const verdicts = [
  ['failed', failedPermanently],
  ['failing', failed],
  ['progressing', progressing],
  ['healthy', healthy],
] as const;

export interface RuleContext {
  /** Added to the message if no expression is true and the rule has no `message`. */
  undecided?: string | undefined;
  /** What all objects of a release may cost together beyond cheap evaluations. Undefined: not limited. */
  shared?: Budget | undefined;
}

/**
 * Expressions are compiled when the first object of the kind is evaluated. An expression that does not compile or does
 * not return a boolean counts as false, and the verdict's message says so.
 */
export function createRuleEvaluator(
  rule: Omit<HealthRule, 'kind'>,
  { undecided, shared }: RuleContext = {},
): RuleEvaluator {
  return {
    complete: rule.healthy !== undefined,
    suspends(object) {
      if (rule.suspended === undefined) return undefined;
      return evaluated(object, shared, (evaluation) =>
        evaluation.isTrue('suspended', rule.suspended)
          ? suspended(evaluation.message(rule, 'suspended'))
          : undefined,
      );
    },
    verdict: (object) => evaluated(object, shared, (evaluation) => verdictOf(rule, evaluation, undecided)),
  };
}

function verdictOf(
  rule: Omit<HealthRule, 'kind'>,
  evaluation: Evaluation,
  undecided: string | undefined,
): Verdict | undefined {
  const found = verdicts.find(([key]) => evaluation.isTrue(key, rule[key]));
  if (found) {
    const [key, verdict] = found;
    return verdict(evaluation.message(rule, key));
  }
  if (rule.healthy === undefined && evaluation.problems.length === 0) return undefined;
  const texts = [...evaluation.problems, evaluation.message(rule, 'progressing')];
  const isOpen = evaluation.problems.length === 0 && rule.message === undefined;
  const verdict = progressing([...texts, ...(undecided && isOpen ? [undecided] : [])].join('; '));
  return evaluation.problems.length > 0 ? { ...verdict, isRuleBroken: true } : verdict;
}

/** The evaluation of a rule's expressions on one object, within one budget. */
interface Evaluation {
  /** Why expressions could not be evaluated, for the rule's author. */
  readonly problems: string[];
  isTrue(key: string, text: string | undefined): boolean;
  message(rule: Omit<HealthRule, 'kind'>, state: 'suspended' | (typeof verdicts)[number][0]): string;
}

/** Evaluates within the budget of a rule and of the release, and charges the latter for what was costly. */
function evaluated<T>(object: KubeObject, shared: Budget | undefined, use: (evaluation: Evaluation) => T): T {
  const steps = shared ? Math.min(STEPS_PER_RULE, STEPS_FOR_FREE + shared.left) : STEPS_PER_RULE;
  const budget = createBudget(steps);
  const result = use(evaluationOf(object, budget, steps < STEPS_PER_RULE));
  const costly = steps - Math.max(0, budget.left) - STEPS_FOR_FREE;
  if (shared && costly > 0) shared.left = Math.max(0, shared.left - costly);
  return result;
}

function evaluationOf(object: KubeObject, budget: Budget, isReduced: boolean): Evaluation {
  const view = ruleVariables(object, budget);
  const problems: string[] = [];
  return {
    problems,
    isTrue(key, text) {
      if (text === undefined) return false;
      const outcome = evaluate(text, view, budget);
      if ('value' in outcome && typeof outcome.value === 'boolean') return outcome.value;
      if ('value' in outcome) problems.push(`health rule: ${key} is neither true nor false`);
      const together = isReduced && budget.left < 0 ? ', together with the other objects of the release' : '';
      if ('problem' in outcome) problems.push(`health rule: ${key}: ${outcome.problem}${together}`);
      return false;
    },
    message(rule, state) {
      const outcome = rule.message === undefined ? undefined : evaluate(rule.message, view, budget);
      const message = outcome && 'value' in outcome ? outcome.value : undefined;
      const text =
        typeof message === 'string'
          ? message
              .replaceAll(/\s+/g, ' ')
              .replace(/[\s:,]+$/, '')
              .trim()
          : '';
      return text === '' ? describeStatus(object, state) : text;
    },
  };
}

function evaluate(text: string, view: Variables, budget: Budget): Outcome {
  const expression = cel.compile(text);
  return isMistake(expression) ? { problem: expression.message } : expression.evaluate(view, budget);
}
