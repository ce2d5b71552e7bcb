import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { createCel } from '../../../../src/cel/compile.ts';
import { healthOf } from '../../../../src/health/index.ts';
import type { KindRule } from '../../../../src/health/rules/table.ts';
import { tables } from '../../../../src/health/rules/tables/index.ts';
import {
  findRule,
  healthVariables,
  healthVerdicts,
  ruleKindPattern,
} from '../../../../src/model/health-rule.ts';
import type { KubeObject } from '../../../../src/model/object.ts';
import { object } from '../objects.ts';

interface Example {
  state: 'suspended' | 'failed' | 'failing' | 'progressing' | 'healthy';
  says: string;
  metadata?: object;
  spec?: object;
  status?: object;
}

const folder = new URL('./examples/', import.meta.url);
const examples = readdirSync(folder).flatMap((file) => {
  const kinds: Record<string, Example[]> = parse(readFileSync(new URL(file, folder), 'utf8'));
  return Object.entries(kinds).flatMap(([kind, list]) => list.map((example) => ({ kind, example })));
});

function liveOf(kind: string, { metadata, spec, status }: Example): KubeObject {
  const [name = '', ...group] = kind.split('.');
  const body = { ...(metadata && { metadata }), ...(spec && { spec }), ...(status && { status }) };
  return { ...object(name, body), apiVersion: `${group.join('.')}/v1` };
}

/** The verdict in the terms of a rule: `failed` is final, `failing` is not. */
function evaluated(kind: string, example: Example): { state: string; message: string } {
  const { state, final, message } = healthOf(liveOf(kind, example));
  return { state: state === 'failed' && !final ? 'failing' : state, message };
}

const rows = examples.map(({ kind, example }, index) => [
  `${index + 1}: ${kind} is ${example.state}: ${example.says}`,
  kind,
  example,
]) as [string, string, Example][];

test.each(rows)('%s', (_, kind, example) => {
  const { state, message } = evaluated(kind, example);

  expect({ state, message }).toEqual({
    state: example.state,
    message: expect.stringContaining(example.says),
  });
  expect(message).not.toMatch(/^health rule:|undefined|^$/);
});

const rules = tables.flatMap(({ project, kinds }) =>
  Object.entries(kinds).map(([kind, rule]) => ({ project, kind, rule })),
);
const known = new Map(rules.map(({ project, kind, rule }) => [kind, { project, rule }]));

describe('every rule of the tables', () => {
  test('has a valid kind that no other table has', () => {
    expect(rules.map(({ kind }) => kind).filter((kind) => !ruleKindPattern.test(kind))).toEqual([]);
    expect(known.size).toBe(rules.length);
  });

  test('has a healthy expression, and every expression compiles', () => {
    const cel = createCel(healthVariables);
    const mistakes = rules.flatMap(({ kind, rule }) =>
      Object.entries(rule).map(([key, text]) => [kind, key, cel.compile(text ?? '')] as const),
    );

    expect(mistakes.filter(([, , compiled]) => 'message' in compiled)).toEqual([]);
    expect(rules.filter(({ rule }) => rule.healthy === undefined)).toEqual([]);
  });

  test('names its sources', () => {
    expect(
      tables.filter(
        ({ sources }) => sources.length === 0 || !sources.every((source) => URL.canParse(source)),
      ),
    ).toEqual([]);
  });

  test.each(tables.map(({ project }) => project))(
    'has an example for each of its expressions: %s',
    (project) => {
      const seen = new Map<string, Set<string>>();
      for (const { kind, example } of examples) {
        const found = findRule(known, kind);
        if (found?.project !== project) continue;
        const states = seen.get(keyOf(found.rule)) ?? new Set();
        seen.set(keyOf(found.rule), states.add(example.state));
      }
      const missing = rules
        .filter((one) => one.project === project)
        .flatMap(({ kind, rule }) =>
          wantedOf(rule)
            .filter((state) => !seen.get(keyOf(rule))?.has(state))
            .map((state) => `${kind}: ${state}`),
        );

      expect(missing).toEqual([]);
    },
  );
});

/** Kinds with the same rule share its examples. */
function keyOf(rule: KindRule): string {
  return JSON.stringify(rule);
}

/** A rule that is always healthy needs no progressing example. */
function wantedOf(rule: KindRule): string[] {
  const verdicts = healthVerdicts.filter((verdict) => rule[verdict] !== undefined);
  return rule.healthy === 'true' ? verdicts : [...new Set([...verdicts, 'progressing' as const])];
}
