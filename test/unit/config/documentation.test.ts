import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { jsonSchemas } from '../../../src/config/json-schemas.ts';
import { readSlipwayConfig } from '../../../src/config/parse-slipway.ts';
import { serverSchemaOf } from '../../../src/config/server-schema.ts';
import { forgeTypes } from '../../../src/forges/registry.ts';

const text = await readFile(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');
const examples = [...text.matchAll(/```yaml\n(.*?)```/gs)].map(([, example = '']) => example);

test('the example of slipway.yaml is valid', () => {
  const example = examples.find((one) => one.startsWith('version'));
  expect(readSlipwayConfig(example ?? '')).toHaveProperty('config');
});

test('the example of health is valid', () => {
  const example = examples.find((one) => one.startsWith('health'));
  expect(readSlipwayConfig(`version: 1\n${example}`)).toMatchObject({
    config: { health: [{}, {}, {}] },
  });
});

test('the example of server.yaml is valid', () => {
  const example = examples.find((one) => one.startsWith('publicUrl'));
  expect(serverSchemaOf(forgeTypes).safeParse(parse(example ?? '')).error).toBeUndefined();
});

test.each(Object.entries(jsonSchemas(forgeTypes)))('every key of %s is in the reference', (_, schema) => {
  const words = new Set(text.match(/[A-Za-z]+/g));
  expect(keysOf(JSON.parse(schema)).filter((key) => !words.has(key))).toEqual([]);
});

test.each(Object.entries(jsonSchemas(forgeTypes)))('every default of %s is in the reference', (_, schema) => {
  const values = defaultsOf(JSON.parse(schema)).filter((value) => typeof value !== 'object');
  expect(
    values.filter((value) => !text.includes(`\`${value}\``) && !text.includes(`\`"${value}"\``)),
  ).toEqual([]);
});

function keysOf(schema: unknown): string[] {
  return every(schema).flatMap(([key, value]) =>
    key === 'properties' && typeof value === 'object' && value ? Object.keys(value) : [],
  );
}

function defaultsOf(schema: unknown): unknown[] {
  return every(schema).flatMap(([key, value]) => (key === 'default' ? [value] : []));
}

/** Every key and value at any depth. */
function every(value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [
    [key, child] as [string, unknown],
    ...every(child),
  ]);
}
