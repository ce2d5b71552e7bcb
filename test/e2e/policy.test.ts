import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { SlipwayProcess } from '../../sandbox/slipway/start-slipway.ts';
import { app, appsYaml } from '../support/apps.ts';
import { getObject } from '../support/cluster.ts';
import { type TestSlipway, testSlipway } from '../support/slipway.ts';

let slipway: TestSlipway;
let running: SlipwayProcess | undefined;

beforeAll(async () => {
  slipway = await testSlipway();
});
afterAll(() => slipway.stop());

/** Restarts Slipway with these namespaces as the rule of its only project. */
async function restartWith(namespaces: string[]): Promise<void> {
  await running?.end();
  const server = parse(await readFile(slipway.config, 'utf8'));
  server.projects.acme.clusters.prod.namespaces = namespaces;
  await writeFile(slipway.config, stringify(server));
  running = await slipway.start('run');
}

const push = async (files: Record<string, string>) =>
  (await slipway.forge.commit('github', slipway.repo, 'main', { files })).sha;
const statusOf = (commit: string, state: 'success' | 'failure') =>
  slipway.forge.waitForStatus('github', slipway.repo, commit, { context: 'slipway/production', state });

it('narrower rules fail the next commit of unchanged content with every violation, and wider rules release it', async () => {
  const { namespace } = slipway;
  const beside = `${namespace}-beside`;
  const target = `${slipway.repository}//web@production`;
  await restartWith(['*']);
  await slipway.createRepository({ 'README.md': 'apps' });
  const first = await push({
    'slipway.yaml': appsYaml(namespace),
    ...app('web', '1'),
    'apps/web/beside.yaml': [
      `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${beside} }`,
      `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: beside, namespace: ${beside} }`,
    ].join('\n---\n'),
  });
  await statusOf(first, 'success');

  await restartWith([namespace]);
  const second = await push({ 'NEWS.md': 'no content of an app' });
  const status = await statusOf(second, 'failure');
  expect(status.description).toMatch(
    /^web: apps\/web\/beside\.yaml:1: Namespace .*: project "acme" may not write to namespace/,
  );
  const shown = await slipway.cli('history', target, '--limit', '1', '--json');
  const [refused] = JSON.parse(shown.stdout).releases;
  const { stdout } = await slipway.cli('release', refused.id);
  expect(stdout).toContain(`Namespace ${beside}`);
  expect(stdout).toContain(`ConfigMap ${beside}/beside`);
  const page = await (await fetch(status.targetUrl ?? '')).text();
  expect(page).toContain('projects.acme.clusters.prod.namespaces');
  expect(page).toContain(`${beside}/beside`);
  expect(await getObject('configmap', beside, 'beside')).toBeDefined();

  await restartWith(['*']);
  // Nobody pushes: the poll looks at every repository when the process starts.
  await statusOf(second, 'success');
  expect((await slipway.history(target)).map(({ state }) => state)).toEqual([
    'succeeded',
    'failed',
    'succeeded',
  ]);
});
