import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { healthOf } from '../../../../src/health/index.ts';
import { object } from '../objects.ts';

/** A status, its state by the project that wrote the kind's health check, and the state here if that differs. */
interface Case {
  is: State;
  got?: State;
  spec?: object;
  status?: object;
}

type State = 'failed' | 'progressing' | 'suspended' | 'healthy';

const folder = new URL('./', import.meta.url);
const readme = readFileSync(new URL('../../../../src/health/README.md', import.meta.url), 'utf8');

const sets = readdirSync(folder)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => {
    const kinds: Record<string, Case[]> = parse(readFileSync(new URL(file, folder), 'utf8'));
    return {
      file,
      cases: Object.entries(kinds).flatMap(([kind, list]) => list.map((one) => ({ kind, one }))),
    };
  });

function stateOf(kind: string, { spec, status }: Case): string {
  const [name = '', ...group] = kind.split('.');
  const live = object(name, { ...(spec && { spec }), ...(status && { status }) });
  const { state } = healthOf({ ...live, apiVersion: `${group.join('.')}/v1` });
  return state === 'scaled-to-zero' ? 'suspended' : state;
}

/** A wait ends successfully. */
function settles(state: string): boolean {
  return state === 'healthy' || state === 'suspended';
}

describe.each(sets)('$file', ({ file, cases }) => {
  test.each(cases.map(({ kind, one }, index) => [`${index + 1}: ${kind} is ${one.is}`, kind, one] as const))(
    '%s',
    (_name, kind, one) => {
      expect(stateOf(kind, one), JSON.stringify(one.status)).toBe(one.got ?? one.is);
    },
  );

  test('has the figures of src/health/README.md', () => {
    const unhealthy = cases.filter(({ one }) => !settles(one.is));
    const right = cases.filter(({ kind, one }) => settles(stateOf(kind, one)) === settles(one.is));
    const missed = unhealthy.filter(({ kind, one }) => settles(stateOf(kind, one)));
    const same = cases.filter(({ kind, one }) => stateOf(kind, one) === one.is);
    const figures = [
      `${right.length} of ${cases.length}`,
      `${missed.length} of ${unhealthy.length}`,
      `${same.length} of ${cases.length}`,
    ];
    const row = readme.split('\n').find((line) => line.includes(`\`${file}\``)) ?? '';

    expect(row.split('|').map((cell) => cell.trim())).toEqual(expect.arrayContaining(figures));
    expect(right.length / cases.length).toBeGreaterThanOrEqual(0.8);
    expect(missed.length / unhealthy.length).toBeLessThanOrEqual(0.05);
  });
});
