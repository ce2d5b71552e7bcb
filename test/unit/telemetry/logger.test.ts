import { expect, it } from 'vitest';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { createMasker } from '../../../src/telemetry/secrets.ts';

const secret = 'a-known-secret';

function logLine(write: (log: ReturnType<typeof createLogger>) => void, level = 'info') {
  const lines: string[] = [];
  const stream = { write: (line: string) => void lines.push(line) };
  write(createLogger({ level, name: 'server', masker: createMasker([secret]), stream }));
  return lines;
}

it('writes one JSON object per line, with the level as a word and a readable time', () => {
  const [line = ''] = logLine((log) => log.info({ delivery: 'github:1' }, 'delivery recorded'));

  expect(line.endsWith('\n')).toBe(true);
  expect(JSON.parse(line)).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    pid: process.pid,
    name: 'server',
    delivery: 'github:1',
    msg: 'delivery recorded',
  });
});

it.each([
  ['a field', { url: `https://x/${secret}` }],
  ['a nested field', { a: { b: [{ c: secret }] } }],
  ['an error and its cause', { err: new Error(`failed: ${secret}`, { cause: new Error(secret) }) }],
])('masks a known secret in %s', (_name, fields) => {
  const [line] = logLine((log) => log.warn(fields, 'something'));

  expect(line).toContain('***');
  expect(line).not.toContain(secret);
});

it('masks a known secret in the message and in what a child logger carries', () => {
  const [line] = logLine((log) => log.child({ carried: secret }).error(`oh ${secret}`));

  expect(line).not.toContain(secret);
});

it.each([
  { authorization: 'Bearer unknown-credential' },
  { token: 'unknown-credential' },
  { request: { password: 'unknown-credential' } },
  { headers: { 'x-gitlab-token': 'unknown-credential' } },
  { request: { headers: { 'private-token': 'unknown-credential' } } },
])('masks credentials by the name of their field: %j', (fields) => {
  const [line] = logLine((log) => log.info(fields, 'something'));

  expect(line).not.toContain('unknown-credential');
});

it('omits records below its level', () => {
  expect(logLine((log) => log.debug('quiet'))).toEqual([]);
});
