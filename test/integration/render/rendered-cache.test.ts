import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Rendered } from '../../../src/ports/renderer.ts';
import { RenderedCache } from '../../../src/render/rendered-cache.ts';
import { temporaryFolder } from '../../support/mirrors.ts';

const rendered = (bytes: number): Rendered => ({
  objects: [
    {
      object: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, data: { x: 'x'.repeat(bytes) } },
      source: { file: 'a.yaml' },
    },
  ],
  skipped: [],
  warnings: ['w'],
  cached: false,
});

async function aCache(maxBytes = 1_000_000) {
  const dir = join(await temporaryFolder(), 'rendered');
  return { dir, cache: new RenderedCache(dir, maxBytes) };
}

describe('the cache of rendered objects', () => {
  it('answers what was put, as cached', async () => {
    const { cache } = await aCache();
    await cache.put('key', rendered(10));

    expect(await cache.get('key')).toEqual({ ...rendered(10), cached: true });
    expect(await cache.get('other')).toBeUndefined();
  });

  it('can be read by nobody else', async () => {
    const { dir, cache } = await aCache();
    await cache.put('key', rendered(10));

    expect((await stat(dir)).mode & 0o077).toBe(0);
    expect((await stat(join(dir, 'key'))).mode & 0o077).toBe(0);
  });

  it('takes a damaged entry for none', async () => {
    const { dir, cache } = await aCache();
    await cache.put('key', rendered(10));
    await writeFile(join(dir, 'key'), '{"objects": [');

    expect(await cache.get('key')).toBeUndefined();
  });

  it('keeps what was used last within its bytes', async () => {
    const { dir, cache } = await aCache(10_000);
    for (const key of ['a', 'b', 'c', 'd']) {
      await cache.put(key, rendered(2000));
      await sleep(10);
    }
    await cache.get('a');
    await cache.put('e', rendered(2000));

    expect((await readdir(dir)).sort()).toEqual(['a', 'd', 'e']);
  });

  it('does not keep what would push out everything else', async () => {
    const { dir, cache } = await aCache(10_000);

    await cache.put('big', rendered(5000));

    expect(await readdir(dir).catch(() => [])).toEqual([]);
  });
});
