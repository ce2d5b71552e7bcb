import { expect, test } from 'vitest';
import type { Composition } from '../../../src/composition/composition.ts';
import { intake } from '../../../src/intake/intake.ts';
import { targetAt } from '../../../src/intake/target-at.ts';
import { CONFIG_SCOPE } from '../../../src/model/commit-report.ts';
import { app, appsYaml } from '../../support/apps.ts';
import { announce, compositionUnderTest, quietRepository } from '../../support/composition.ts';
import type { TestRepository } from '../../support/repository.ts';

const neverAborts = new AbortController().signal;

/** A repository whose targets are desired once. `production` follows main, unless `branches` says otherwise. */
async function known(branches: Record<string, string> = { production: 'main', staging: 'staging' }) {
  const { slipway, composition } = await compositionUnderTest();
  const repository = await quietRepository(slipway, (namespace) => ({
    'slipway.yaml': appsYaml(namespace, branches),
    ...app('web', '1'),
  }));
  for (const branch of new Set(Object.values(branches))) {
    if (branch !== 'main') await repository.push(app('web', '1'), branch);
  }
  await intake(repository.id, composition, neverAborts);
  return { composition, repository, good: appsYaml(repository.namespace, branches) };
}

const desiredOf = async ({ releases }: Composition, repository: TestRepository, environment: string) =>
  (await releases.record(repository.target('web', environment)))?.desired;

const linesOf = async ({ reports }: Composition, { id }: TestRepository, commit: string, scope: string) =>
  (await reports.read({ repository: id, commit, scope })).lines;

/** The file with another text in the definition of one environment, which the file writes on lines of their own. */
function broken(good: string, environment: string, from: string, to: string): string {
  const at = good.indexOf(`${environment}:`);
  return good.slice(0, at) + good.slice(at).replace(from, to);
}

test('a mistake in one environment holds it, fails the commit under its context, and the other environments go on', async () => {
  const { composition, repository, good } = await known();
  const before = await desiredOf(composition, repository, 'production');
  const commit = await repository.push({
    'slipway.yaml': broken(good, 'production', 'cluster:', 'clutser:'),
    ...app('web', '2'),
  });
  const staging = await repository.push(app('web', 's2'), 'staging');
  const id = await announce(composition, repository, commit);

  expect(await intake(repository.id, composition, neverAborts)).toEqual({ result: 'moved', targets: 1 });

  expect(await linesOf(composition, repository, commit, 'production')).toMatchObject([
    {
      state: 'failed',
      failure: {
        code: 'CONFIG_INVALID',
        summary: expect.stringContaining('unknown key "clutser"; did you mean "cluster"?'),
        place: { file: 'slipway.yaml', line: 5 },
      },
    },
  ]);
  expect(await linesOf(composition, repository, commit, CONFIG_SCOPE)).toEqual([]);
  expect(await desiredOf(composition, repository, 'production')).toEqual(before);
  expect((await desiredOf(composition, repository, 'staging'))?.commit).toBe(staging);
  expect((await composition.deliveries.get(id))?.outcome).toMatch(/environment production: .*clutser/);

  const mended = await repository.push({ 'slipway.yaml': good });
  await intake(repository.id, composition, neverAborts);
  expect((await desiredOf(composition, repository, 'production'))?.commit).toBe(mended);
  expect(await linesOf(composition, repository, mended, 'production')).toMatchObject([{ state: 'queued' }]);
});

test('a held environment deploys the waiting head of its branch once its definition is mended', async () => {
  const { composition, repository, good } = await known({ production: 'release', staging: 'main' });
  const mistake = await repository.push({
    'slipway.yaml': broken(good, 'production', 'cluster:', 'clutser:'),
  });
  await intake(repository.id, composition, neverAborts);
  const commit = await repository.push(app('web', '2'), 'release');
  await intake(repository.id, composition, neverAborts);

  for (const told of [mistake, commit]) {
    expect(await linesOf(composition, repository, told, 'production')).toMatchObject([
      { state: 'failed', failure: { place: { line: 5 } } },
    ]);
  }
  expect((await desiredOf(composition, repository, 'production'))?.commit).not.toBe(commit);

  await repository.push({ 'slipway.yaml': good });
  await intake(repository.id, composition, neverAborts);
  expect((await desiredOf(composition, repository, 'production'))?.commit).toBe(commit);
  expect(await linesOf(composition, repository, commit, 'production')).toEqual([
    { target: repository.target('web'), state: 'queued' },
  ]);
});

test('takes the failure back from a head whose content already runs', async () => {
  const { composition, repository, good } = await known({ production: 'release', staging: 'main' });
  await repository.push({ 'slipway.yaml': broken(good, 'production', 'cluster:', 'clutser:') });
  const commit = await repository.push({ 'README.md': 'words' }, 'release');
  await intake(repository.id, composition, neverAborts);
  expect(await linesOf(composition, repository, commit, 'production')).toMatchObject([{ state: 'failed' }]);

  await repository.push({ 'slipway.yaml': good });
  await intake(repository.id, composition, neverAborts);

  const lines = await linesOf(composition, repository, commit, 'production');
  expect(lines.filter(({ state }) => state === 'failed')).toEqual([]);
});

test('an environment whose branch is the mistake is reported on the default branch, and none of its targets is removed', async () => {
  const { composition, repository, good } = await known({ production: 'release', staging: 'main' });
  const before = await desiredOf(composition, repository, 'production');
  const commit = await repository.push({
    'slipway.yaml': broken(good, 'production', 'branch: release', 'branch: "re..lease"'),
  });

  expect(await intake(repository.id, composition, neverAborts)).toEqual({ result: 'unmoved', targets: 0 });

  expect(await linesOf(composition, repository, commit, 'production')).toMatchObject([
    { state: 'failed', failure: { summary: expect.stringContaining('is not the name of a branch') } },
  ]);
  expect(await desiredOf(composition, repository, 'production')).toEqual(before);
});

test('an environment that is renamed with a mistake takes nothing of the old name along', async () => {
  const { composition, repository, good } = await known({ production: 'release', staging: 'main' });
  await repository.push({
    'slipway.yaml': broken(good.replace('production:', 'live:'), 'live', 'cluster:', 'clutser:'),
  });

  await intake(repository.id, composition, neverAborts);

  const { target } = (await composition.releases.record(repository.target('web'))) ?? {};
  expect(target).toMatchObject({
    removed: true,
    unsettled: ['the definition of environment live has a mistake'],
  });
});

test('a plan of a held environment fails with its mistake', async () => {
  const { composition, repository, good } = await known();
  await repository.push({ 'slipway.yaml': broken(good, 'production', 'cluster:', 'clutser:') });
  await intake(repository.id, composition, neverAborts);

  const planned = targetAt(repository.target('web'), 'main', composition, neverAborts);

  await expect(planned).rejects.toMatchObject({ code: 'CONFIG_INVALID', failure: { place: { line: 5 } } });
});

test('an invalid slipway.yaml of a default branch that no environment follows fails its commit', async () => {
  const { composition, repository } = await known({ production: 'release' });
  const commit = await repository.push({ 'slipway.yaml': 'version: 2\n' });
  const id = await announce(composition, repository, commit);

  await intake(repository.id, composition, neverAborts);

  expect(await linesOf(composition, repository, commit, CONFIG_SCOPE)).toMatchObject([{ state: 'failed' }]);
  expect(await composition.deliveries.get(id)).toMatchObject({ state: 'failed' });
});
