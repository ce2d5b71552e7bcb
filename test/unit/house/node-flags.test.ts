import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { nodeEnvironment, nodeFlags } from '../../../sandbox/slipway/node-flags.ts';

const read = (file: string) => readFile(new URL(`../../../${file}`, import.meta.url), 'utf8');

test('every way to start Slipway gives Node the same flags', async () => {
  const { scripts } = JSON.parse(await read('package.json')) as { scripts: Record<string, string> };
  const [name, value] = Object.entries(nodeEnvironment).flat();
  expect(scripts.slipway).toBe(`${name}=${value} node ${nodeFlags.join(' ')} src/main.ts`);
  const docker = await read('Dockerfile');
  expect(docker).toContain(`ENV ${name}=${value}`);
  expect(docker).toContain(
    `ENTRYPOINT ${JSON.stringify(['node', ...nodeFlags, '/app/dist/src/main.js']).replaceAll(',', ', ')}`,
  );
});
