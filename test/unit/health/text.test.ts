import { describe, expect, test } from 'vitest';
import { lastLine, oneLine, withoutSecrets } from '../../../src/health/text.ts';
import { object } from './objects.ts';

function podWith(...values: string[]) {
  const env = values.map((value, index) => ({ name: `V${index}`, value }));
  return object('Pod', { spec: { containers: [{ name: 'app', env }] } });
}

describe('withoutSecrets', () => {
  test.each([
    ['postgres://app:hunter2@db/loans is refused', 'postgres://***@db/loans is refused'],
    ['login failed: password=hunter2 user=app', 'login failed: password=*** user=app'],
    ['{"token": "abc123", "user": "app"}', '{"token": "***", "user": "app"}'],
    ['Authorization: Bearer abc.def-123', 'Authorization: Bearer ***'],
    ['DB_PASSWORD: hunter2', 'DB_PASSWORD: ***'],
    ['api_key=abc&x=1', 'api_key=***&x=1'],
  ])('masks the secret in %s', (text, safe) => {
    expect(withoutSecrets(text)).toBe(safe);
  });

  test.each([
    'secret "db" not found',
    'exceeded quota: small, requested: pods=1',
    'image "registry.example.com/web:v9" not found',
  ])('does not change %j', (text) => {
    expect(withoutSecrets(text)).toBe(text);
  });

  test('masks values of the environment, the longest first', () => {
    expect(withoutSecrets('said swordfish-2 and swordfish', podWith('swordfish', 'swordfish-2'))).toBe(
      'said *** and ***',
    );
  });

  test('does not mask short values of the environment', () => {
    expect(withoutSecrets('listens on 8080', podWith('8080', ''))).toBe('listens on 8080');
  });
});

test('oneLine cuts a long text', () => {
  expect(oneLine(' a\n b\t c ')).toBe('a b c');
  expect(oneLine('x'.repeat(20), 10)).toBe(`${'x'.repeat(9)}…`);
});

test('lastLine takes the last line of a program', () => {
  expect(lastLine('starting\nfatal: no table\n\n')).toBe('fatal: no table');
});
