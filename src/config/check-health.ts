import { createCel, isMistake, type Mistake } from '../cel/compile.ts';
import { type HealthRule, healthVariables, healthVerdicts } from '../model/health-rule.ts';
import type { KeyPath } from './yaml-file.ts';

const cel = createCel(healthVariables);

// Every reader of the file compiles the expressions, which are untrusted: they may cost a second at most.
const mostRules = 50;
const mostCharacters = 16 * 1024;

const hint = 'The expression language is CEL: https://github.com/google/cel-spec/blob/master/doc/langdef.md';

/** Rules without a verdict, and invalid expressions, with their places. */
export function healthFindings(rules: HealthRule[]): { path: KeyPath; message: string; hint?: string }[] {
  const path = ['health'];
  if (rules.length > mostRules) return [{ path, message: `health has more than ${mostRules} rules` }];
  const characters = rules.flatMap(expressionsOf).reduce((sum, [, text]) => sum + text.length, 0);
  if (characters > mostCharacters) {
    return [{ path, message: `the expressions of health have more than ${mostCharacters} characters` }];
  }
  return rules.flatMap(ruleFindings);
}

function ruleFindings(rule: HealthRule): { path: KeyPath; message: string; hint?: string }[] {
  if (healthVerdicts.every((verdict) => rule[verdict] === undefined)) {
    const message = `health.${rule.kind} needs one of ${healthVerdicts.join(', ')}`;
    return [{ path: ['health', rule.kind], message }];
  }
  return expressionsOf(rule).flatMap(([key, text]) => {
    const compiled = cel.compile(text);
    if (!isMistake(compiled)) return [];
    const message = `health.${rule.kind}.${key}: ${compiled.message}, ${placeOf(compiled, text)}`;
    return [{ path: ['health', rule.kind, key], message, hint }];
  });
}

function expressionsOf(rule: HealthRule): [key: string, text: string][] {
  return [...healthVerdicts, 'message' as const].flatMap((key): [string, string][] => {
    const text = rule[key];
    return text === undefined ? [] : [[key, text]];
  });
}

function placeOf({ line, column }: Mistake, text: string): string {
  return text.trim().includes('\n')
    ? `at line ${line}, character ${column} of the expression`
    : `at character ${column}`;
}
