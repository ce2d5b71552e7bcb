import { expect, test } from 'vitest';
import { parseSlipwayConfig } from '../../../src/config/parse-slipway.ts';

test.each([
  [
    'own keys precede merged ones',
    'a: &a { path: a, timeout: 1m }\n  b: { path: own, <<: *a }',
    ['own', 60_000],
  ],
  [
    'of several merged maps, the first counts',
    'a: &a { path: a }\n  b: { <<: [*a, { path: c, timeout: 2m }] }',
    ['a', 120_000],
  ],
  [
    'a merged map may merge others itself',
    'a: &a { <<: { path: deep } }\n  b: { <<: *a }',
    ['deep', 300_000],
  ],
  [
    'an alias stands for the last anchor before it',
    'a: &a { path: old }\n  c: &a { path: new }\n  b: *a',
    ['new', 300_000],
  ],
])('%s', (_, lines, expected) => {
  const { apps } = parseSlipwayConfig(`version: 1\napps:\n  ${lines}\n`);

  expect([apps.b?.path, apps.b?.timeoutMs]).toEqual(expected);
});

test('a quoted << is a key like any other', () => {
  expect(() => parseSlipwayConfig('version: 1\n"<<": { apps: {} }')).toThrow('unknown key "<<"');
});
