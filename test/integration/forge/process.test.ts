import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { ForgeClient } from '../../../sandbox/forge/client.ts';
import type { ForgeAddress } from '../../../sandbox/forge/protocol.ts';

test('the forge as a separate process prints its address in one line, and ends on a signal', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-forge-'));
  const main = new URL('../../../sandbox/forge/main.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [main, '--dir', dir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const client = new ForgeClient(JSON.parse(line) as ForgeAddress);

  const { sha, cloneUrl } = await client.createRepository('gitlab', 'acme/loans', { files: { a: '1' } });

  expect(sha).toMatch(/^[0-9a-f]{40}$/);
  expect((await fetch(`${cloneUrl}/info/refs?service=git-upload-pack`)).status).toBe(200);
  await client.close();
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  await rm(dir, { recursive: true });
});
