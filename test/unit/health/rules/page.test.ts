import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { builtInKinds } from '../../../../src/health/kinds/index.ts';
import { withTables } from '../../../../src/health/rules/page.ts';
import { tables } from '../../../../src/health/rules/tables/index.ts';

const page = await readFile(new URL('../../../../docs/health.md', import.meta.url), 'utf8');

test('docs/health.md is generated from the tables (run npm run health-page)', () => {
  expect(withTables(page, tables)).toBe(page);
});

test.each(tables.flatMap(({ kinds }) => Object.keys(kinds)))('docs/health.md lists %s', (kind) => {
  expect(page).toContain(`\`${kind}\``);
});

test.each([...builtInKinds.keys()])('docs/health.md lists %s', (kind) => {
  const [name = '', ...group] = kind.split('.');
  const row = page.split('\n').find((line) => line.startsWith('|') && line.includes(`\`${name}`));
  expect(row).toContain(group.join('.'));
});
