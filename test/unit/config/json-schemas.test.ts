import { readFile } from 'node:fs/promises';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { jsonSchemas } from '../../../src/config/json-schemas.ts';
import { forgeTypes } from '../../../src/forges/registry.ts';

const names = Object.keys(jsonSchemas(forgeTypes));

test.each(names)('the committed %s is up to date (npm run schemas writes it)', async (name) => {
  const committed = await readFile(new URL(`../../../schemas/${name}`, import.meta.url), 'utf8');
  expect(committed).toBe(jsonSchemas(forgeTypes)[name]);
});

test.each(names)('every key of %s has a description', (name) => {
  expect(undescribed(JSON.parse(jsonSchemas(forgeTypes)[name] ?? ''), name)).toEqual([]);
});

test.each([
  ['slipway.schema.json', 'version: 1', true],
  ['slipway.schema.json', 'version: 1\napps: { "*": { path: "services/{app}" } }', true],
  ['slipway.schema.json', 'version: 2', false],
  ['slipway.schema.json', 'version: 1\napps: { Web: { path: x } }', false],
  ['slipway.schema.json', 'version: 1\napps: { web: { path: x, pth: y } }', false],
  ['server.schema.json', serverFile('[{ env: HOOK }]'), true],
  ['server.schema.json', serverFile('[literal]'), false],
  ['server.schema.json', serverFile('[]'), false],
])('an editor with %s evaluates %j as %s', (name, text, valid) => {
  const validate = new Ajv({ strict: false }).compile(JSON.parse(jsonSchemas(forgeTypes)[name] ?? ''));
  expect(validate(parse(text))).toBe(valid);
});

function serverFile(webhookSecrets: string): string {
  return `
publicUrl: https://slipway.example.com
redis: { url: redis://127.0.0.1:6379 }
forges: { github: { type: github, webhookSecrets: ${webhookSecrets} } }
clusters: { prod: { inCluster: true } }`;
}

/** Paths of properties that an editor could say nothing about. */
function undescribed(schema: unknown, path: string): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => {
    if (key !== 'properties') return undescribed(value, `${path}/${key}`);
    const properties: [string, { description?: string }][] = Object.entries(value);
    return properties.flatMap(([name, property]) => [
      ...(property.description ? [] : [`${path}/${name}`]),
      ...undescribed(property, `${path}/${name}`),
    ]);
  });
}
