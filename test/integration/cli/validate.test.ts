import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { validate } from '../../../src/cli/validate.ts';
import { describeFailure } from '../../../src/model/describe-failure.ts';
import { temporaryFolder } from '../../support/mirrors.ts';
import { sandbox } from '../../support/sandbox.ts';

test('warnings about an app’s files are printed, and files that cannot be rendered are an error', async () => {
  const folder = await temporaryFolder();
  const files = {
    'slipway.yaml': `version: 1
environments: { production: { branch: main, cluster: prod, namespace: loans } }
apps: { chart: { path: chart }, broken: { path: broken }, plain: { path: plain } }
`,
    'chart/Chart.yaml': 'apiVersion: v2\nname: chart\nversion: 1.0.0\n',
    'chart/templates/secret.yaml':
      'apiVersion: v1\nkind: Secret\nmetadata: { name: s }\ndata: { a: {{ randAlphaNum 8 }} }\n',
    'broken/kustomization.yaml': 'resources: [not-there.yaml]\n',
    'plain/a.yaml': '',
  };
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  const PATH = dirname(sandbox().programs['slipway-engine']);

  const { lines, errors } = await validate(folder, {}, { PATH });
  const text = lines.join('\n');
  expect(text).toContain(`    chart: chart → namespace loans
      warning: chart/templates/secret.yaml:4 uses randAlphaNum, which gives something else at each render
    broken: broken → namespace loans
      cannot be rendered
    plain: plain → namespace loans`);
  expect(errors.map(({ failure }) => describeFailure(failure))).toEqual([
    expect.stringMatching(/^broken\/kustomization.yaml.*not-there.yaml/),
  ]);
});
