import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Cache, openCache } from '../../../sandbox/programs/cache.ts';
import { downloadUnit } from '../../../sandbox/programs/download.ts';
import type { Unit } from '../../../sandbox/programs/table.ts';

const PROGRAM = '#!/bin/sh\necho kwok\n';
const silent = () => undefined;

let release: Server;
let files: Map<string, string>;
let cache: Cache;

beforeAll(async () => {
  release = createServer((request, response) => {
    const body = files.get(request.url ?? '');
    response.statusCode = body === undefined ? 404 : 200;
    response.end(body);
  });
  await new Promise<void>((resolve) => release.listen(0, '127.0.0.1', resolve));
});
afterAll(() => release.close());
beforeEach(async () => {
  files = new Map();
  cache = openCache(await mkdtemp(join(tmpdir(), 'slipway-cache-')), { os: 'linux', arch: 'amd64' });
});
afterEach(() => rm(cache.dir, { recursive: true }));

function kwok(): Unit {
  const url = `http://127.0.0.1:${(release.address() as AddressInfo).port}/kwok`;
  return {
    name: 'kwok',
    version: 'v1',
    programs: ['kwok'],
    downloads: () => [{ url, checksumUrl: `${url}.sha256`, program: 'kwok' }],
    build: { module: '.', package: 'example.test/kwok', output: 'kwok', ldflags: [] },
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

test('a release whose checksum is right is in the cache, executable', async () => {
  files.set('/kwok', PROGRAM).set('/kwok.sha256', sha256(PROGRAM));

  await downloadUnit(kwok(), cache, silent);

  const path = join(cache.folderOf(kwok()), 'kwok');
  expect(await readFile(path, 'utf8')).toBe(PROGRAM);
  expect((await stat(path)).mode & 0o777).toBe(0o755);
});

test('a release whose checksum is wrong is refused and leaves nothing', async () => {
  files.set('/kwok', PROGRAM).set('/kwok.sha256', sha256('something else'));

  await expect(downloadUnit(kwok(), cache, silent)).rejects.toThrow(
    /has the SHA-256 .* but its release says/,
  );

  expect(await cache.has(kwok())).toBe(false);
  expect(existsSync(`${cache.folderOf(kwok())}.partial`)).toBe(false);
});

test('a release without a checksum is not fetched', async () => {
  files.set('/kwok', PROGRAM);

  await expect(downloadUnit(kwok(), cache, silent)).rejects.toThrow('kwok.sha256 returns 404');
});
