import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ReleaseWithChanges } from '../../src/model/release.ts';
import { getObject } from '../support/cluster.ts';
import { hintOfRelease } from '../support/failures.ts';
import { configMap, slipwayYaml } from '../support/loan-service.ts';
import { errorsIn, type TestRepository, testRepository } from '../support/repository.ts';
import { type TestSlipway, testSlipway } from '../support/slipway.ts';

let slipway: TestSlipway;
let repository: TestRepository;

beforeAll(async () => {
  slipway = await testSlipway('github');
  await slipway.start('run');
  repository = await testRepository(slipway, (namespace) => ({
    'slipway.yaml': slipwayYaml(
      { production: { branch: 'main', cluster: 'prod', namespace } },
      { many: { path: 'many' }, huge: { path: 'huge' } },
    ),
  }));
});
afterAll(async () => {
  expect(errorsIn(slipway)).toEqual([]);
  await slipway.stop();
});

const count = 1_000;

/** A thousand objects in one file, as a generator writes them. */
function many(version: string): string {
  return Array.from({ length: count }, (_, index) => configMap(`item-${index}`, { version })).join('---\n');
}

/** A ConfigMap with this many entries of a hundred bytes each. */
function huge(entries: number, version: string): string {
  const data = Array.from({ length: entries }, (_, index) => [
    `entry-${String(index).padStart(6, '0')}`,
    `${version}-${'x'.repeat(80)}`,
  ]);
  return configMap('huge', Object.fromEntries(data));
}

async function newest(app: string): Promise<ReleaseWithChanges & { url: string }> {
  const [release] = await repository.history(app);
  return slipway.api(`/api/releases/${release?.id}`);
}

it('a thousand objects of one app are one release with a change for each', async () => {
  const first = await repository.push({ 'many/items.yaml': many('1') });
  // The objects and their namespace.
  expect((await repository.reported(first, 'success', 'slipway/production/many')).description).toBe(
    `${count + 1} created`,
  );
  const second = await repository.push({ 'many/items.yaml': many('2') });
  expect((await repository.reported(second, 'success', 'slipway/production/many')).description).toBe(
    `${count} configured`,
  );

  const { changeSet } = await newest('many');

  expect(changeSet.changes).toHaveLength(count);
  expect(changeSet.changes.at(-1)?.fields).toEqual([{ path: 'data.version', before: '1', after: '2' }]);
  expect((await getObject('configmap', repository.namespace, 'item-999'))?.data).toEqual({ version: '2' });
});

it('an object of more than a megabyte is deployed, and what is stored and shown of it is bounded', async () => {
  const entries = 10_000;
  const first = await repository.push({ 'huge/huge.yaml': huge(entries, 'a') });
  await repository.reported(first, 'success', 'slipway/production/huge');
  const second = await repository.push({ 'huge/huge.yaml': huge(entries, 'b') });
  await repository.reported(second, 'success', 'slipway/production/huge');
  const live = await getObject('configmap', repository.namespace, 'huge');
  expect(Object.keys(live?.data ?? {})).toHaveLength(entries);
  expect(JSON.stringify(live).length).toBeGreaterThan(1_000_000);

  const release = await newest('huge');
  const page = await (await fetch(release.url)).text();
  const cli = await slipway.cli('release', release.id);

  const [change] = release.changeSet.changes;
  expect(change).toMatchObject({ action: 'configured', moreFields: entries - (change?.fields.length ?? 0) });
  expect(JSON.stringify(release).length).toBeLessThan(150_000);
  expect(page).toContain(`… and ${entries - 50} more fields`);
  expect(page.length).toBeLessThan(150_000);
  expect(cli.stdout).toContain(`… and ${change?.moreFields} more fields`);
});

it('an object that is too large fails its release, and the error names it, its file and the next step', async () => {
  const commit = await repository.push({ 'huge/huge.yaml': huge(14_000, 'c') });

  const status = await repository.reported(commit, 'failure', 'slipway/production/huge');

  expect(status.description).toBe(
    'huge/huge.yaml:1: ConfigMap huge: it is too large: a ConfigMap may hold 1048576 bytes',
  );
  expect(hintOfRelease(await newest('huge'))).toMatch(/^Split it/);
  const live = await getObject('configmap', repository.namespace, 'huge');
  expect(Object.keys(live?.data ?? {})).toHaveLength(10_000);
});
