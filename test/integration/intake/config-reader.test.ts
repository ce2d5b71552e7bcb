import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { createConfigReader } from '../../../src/config/config-reader.ts';
import { createParseThread, type ParseThread } from '../../../src/config/parse-thread.ts';
import { createRefusedFiles } from '../../../src/store/refused-files.ts';
import { stateKeys } from '../../../src/store/state-keys.ts';
import { testRedis } from '../../support/redis.ts';

const redis = testRedis();
const refused = createRefusedFiles(redis, stateKeys(`{config-reader-${randomUUID()}}`));
const closing: { close(): Promise<void> }[] = [];

afterAll(async () => {
  await Promise.all(closing.map((one) => one.close()));
  redis.disconnect();
});

const head = 'version: 1\nenvironments: { production: { branch: main, cluster: prod, namespace: a } }\n';
const apps = Array.from({ length: 500 }, (_, index) => `  app-${index}: { path: apps/${index} }\n`);
const long = `${head}apps:\n${apps.join('')}`;
const merges = `${head}x: &x { ${Array.from({ length: 1000 }, (_, index) => `k${index}: 1`).join(', ')} }
y:\n${'  - { <<: *x }\n'.repeat(200)}`;

/** A thread that counts what it parses, as one process has it. */
function process(version = '1') {
  const thread = createParseThread();
  const parsed: string[] = [];
  const counted: ParseThread = {
    parse: (text) => {
      parsed.push(text);
      return thread.parse(text);
    },
    close: () => thread.close(),
  };
  const reader = createConfigReader({ refused, version, thread: counted });
  closing.push(reader);
  return { reader, parsed };
}

test('parses a long file without stopping the event loop', async () => {
  const { reader, parsed } = process();
  let turns = 0;
  const turn = setInterval(() => (turns += 1), 1);

  const config = await reader.read(long);
  clearInterval(turn);

  expect(Object.keys(config.apps)).toHaveLength(500);
  expect(config.apps.constructor).toBeUndefined();
  expect(config.environments.constructor).toBeUndefined();
  expect(parsed).toEqual([long]);
  expect(turns).toBeGreaterThan(0);
});

test('parses a short file at once, without a thread', async () => {
  const { reader, parsed } = process();

  await reader.read(`${head}apps: { web: { path: web } }`);

  expect(parsed).toEqual([]);
});

test('returns the same value for the same text, so that what was derived from it can be kept', async () => {
  const { reader, parsed } = process();

  const [one, other] = await Promise.all([reader.read(long), reader.read(long)]);

  expect(one).toBe(other);
  expect(parsed).toHaveLength(1);
});

test('parses a refused file once, also after a restart of every process', async () => {
  const before = process();
  const refusal = await before.reader.read(merges).catch((error: unknown) => error);
  await before.reader.read(merges).catch(() => undefined);
  const after = process();

  await expect(after.reader.read(merges)).rejects.toEqual(refusal);

  expect(refusal).toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('100000 values'),
  });
  expect([before.parsed.length, after.parsed.length]).toEqual([1, 0]);
});

test('another version of Slipway reads a file again that an older one refused', async () => {
  await process('1')
    .reader.read(`${merges}#`)
    .catch(() => undefined);
  const newer = process('2');

  await newer.reader.read(`${merges}#`).catch(() => undefined);

  expect(newer.parsed).toHaveLength(1);
});

test('reads further files after one whose thread ended', async () => {
  const { reader } = process();
  await reader.close();

  await expect(reader.read(long)).resolves.toHaveProperty('apps');
});
