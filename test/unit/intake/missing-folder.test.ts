import { expect, test } from 'vitest';
import { parseSlipwayConfig } from '../../../src/config/parse-slipway.ts';
import { missingFolder } from '../../../src/intake/missing-folder.ts';
import { MemoryTree } from '../../support/memory-tree.ts';
import { aTarget } from '../../support/targets.ts';

const config = parseSlipwayConfig(`
version: 1
environments:
  production: { branch: main, cluster: prod, namespace: loans }
apps:
  web: { path: apps/wbe }
`);
const tree = new MemoryTree({ 'apps/web/production/a.yaml': '', 'apps/api/a.yaml': '', 'README.md': '' });

test.each([
  ['apps/wbe', '; did you mean "apps/web"?'],
  ['app/web', '; did you mean "apps"?'],
  ['apps/web/prodution', '; did you mean "apps/web/production"?'],
  ['quite/elsewhere', '; possible are apps'],
  ['README.md', '; possible are apps'],
  ['apps/api/base', ''],
])('a path %s that is no folder is reported with the nearest ones: %s', async (path, said) => {
  expect(await missingFolder(aTarget({ path }), config, tree)).toMatchObject({
    code: 'PATH_MISSING',
    summary: `folder ${path} does not exist at this commit${said}`,
    place: { file: 'slipway.yaml', line: 6 },
  });
});

test('a commit without any folder has none to name', async () => {
  const failure = await missingFolder(aTarget(), config, new MemoryTree({ 'a.yaml': '' }));

  expect(failure.summary).toBe('folder deploy/web does not exist at this commit');
});
