import { type Budget, createBudget } from '../../cel/budget.ts';
import { createCel, isMistake, type Outcome, type Variables } from '../../cel/compile.ts';
import { type HealthRule, healthVariables } from '../../model/health-rule.ts';
import type { KubeObject } from '../../model/object.ts';
import { failed, failedPermanently, healthy, progressing, suspended, type Verdict } from '../verdict.ts';
import { describeStatus } from './describe-status.ts';
import { ruleVariables } from './rule-variables.ts';

/** A kind's rule, ready to judge. */
export interface RuleEvaluator {
  /** It has the last word: without `healthy` what it leaves open is judged by others. */
  readonly complete: boolean;
  suspends(object: KubeObject): Verdict | undefined;
  /** Undefined where none of its expressions is true and it has no `healthy`. */
  verdict(object: KubeObject): Verdict | undefined;
}

/** Steps that all expressions of a rule may take together for one object: some tens of milliseconds at worst. */
const stepsOfRule = 50_000;

// What it remembers are compiled texts: a pure function's answers, shared by every cluster and target.
const cel = createCel(healthVariables);

const asked = [
  ['failed', failedPermanently],
  ['failing', failed],
  ['progressing', progressing],
  ['healthy', healthy],
] as const;

/**
 * Expressions are compiled when an object of the kind is first judged. A text that is none is never true. `undecided` is
 * said to the author of a rule that leaves open how an object stands, and has no words of its own for it.
 */
export function createRuleEvaluator(rule: Omit<HealthRule, 'kind'>, undecided?: string): RuleEvaluator {
  return {
    complete: rule.healthy !== undefined,
    suspends(object) {
      if (rule.suspended === undefined) return undefined;
      const sight = lookAt(object);
      return sight.isTrue('suspended', rule.suspended) ? suspended(sight.say(rule, 'suspended')) : undefined;
    },
    verdict(object) {
      const sight = lookAt(object);
      const found = asked.find(([key]) => sight.isTrue(key, rule[key]));
      if (found) {
        const [key, verdict] = found;
        return verdict(sight.say(rule, key));
      }
      if (rule.healthy === undefined && sight.problems.length === 0) return undefined;
      const said = [...sight.problems, sight.say(rule, 'progressing')];
      const isOpen = sight.problems.length === 0 && rule.message === undefined;
      return progressing([...said, ...(undecided && isOpen ? [undecided] : [])].join('; '));
    },
  };
}

interface Sight {
  /** Why expressions could not be evaluated, in words for their author. */
  readonly problems: string[];
  isTrue(key: string, text: string | undefined): boolean;
  say(rule: Omit<HealthRule, 'kind'>, state: 'suspended' | (typeof asked)[number][0]): string;
}

function lookAt(object: KubeObject): Sight {
  const budget = createBudget(stepsOfRule);
  const view = ruleVariables(object, budget);
  const problems: string[] = [];
  return {
    problems,
    isTrue(key, text) {
      if (text === undefined) return false;
      const outcome = evaluate(text, view, budget);
      if ('value' in outcome && typeof outcome.value === 'boolean') return outcome.value;
      if ('value' in outcome) problems.push(`health rule: ${key} is neither true nor false`);
      if ('problem' in outcome) problems.push(`health rule: ${key}: ${outcome.problem}`);
      return false;
    },
    say(rule, state) {
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
