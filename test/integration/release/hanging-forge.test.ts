import { expect, it, onTestFinished } from 'vitest';
import type { Composition } from '../../../src/composition/composition.ts';
import { intake } from '../../../src/intake/intake.ts';
import type { Release } from '../../../src/model/release.ts';
import { MAX_PERMITS, startDeployWorker } from '../../../workers/deploy.ts';
import { app, appsYaml } from '../../support/apps.ts';
import { compositionUnderTest, quietRepository } from '../../support/composition.ts';
import { desireApps } from '../../support/releases.ts';
import type { TestRepository } from '../../support/repository.ts';
import { silentServer } from '../../support/silent-server.ts';
import { eventually, type TestSlipway } from '../../support/slipway.ts';

const neverAborts = new AbortController().signal;

/** A repository of a forge that never answers has targets that were never deployed. A deploy worker runs. */
async function besideHangingForge(count: number) {
  const gitlab = await silentServer();
  const { slipway, composition } = await compositionUnderTest({ gitlab: gitlab.url });
  const hanging = 'gitlab/acme/hangs';
  const commit = 'a'.repeat(40);
  await desireApps(composition, hanging, commit, count, { cluster: 'prod' });
  const worker = await startDeployWorker(composition);
  onTestFinished(() => worker.stop(0));
  await gitlab.asked;
  return { slipway, composition, hanging, commit };
}

const lastOf = async ({ releases }: Composition, repository: TestRepository, name: string) =>
  (await releases.record(repository.target(name)))?.last;

async function deployWeb({ slipway, composition }: { slipway: TestSlipway; composition: Composition }) {
  const here = await quietRepository(slipway, (namespace) => ({
    'slipway.yaml': appsYaml(namespace),
    ...app('web', '1'),
  }));
  await intake(here.id, composition, neverAborts);
  await eventually('the release of another repository', async () => {
    return (await lastOf(composition, here, 'web'))?.state === 'succeeded';
  });
}

it('releases of a forge that hangs hold up no release of another repository on the same cluster', async () => {
  const { slipway, composition, hanging, commit } = await besideHangingForge(3 * MAX_PERMITS);
  await deployWeb({ slipway, composition });
  const key = { repository: hanging, commit, scope: 'staging' };
  const failures = (await composition.reports.read(key)).lines.filter(({ failure }) => failure);
  expect(failures, 'the releases of the forge that hangs have not given up').toEqual([]);
});

it('prunes that ask what a forge that hangs has hold up no release of another repository', async () => {
  const { slipway, composition } = await besideHangingForge(1);
  const names = Array.from({ length: MAX_PERMITS }, (_, i) => `app-${i}`);
  const repository = await quietRepository(slipway, (namespace) => ({
    'slipway.yaml': appsYaml(namespace),
    ...Object.assign({}, ...names.map((name) => app(name, '1'))),
  }));
  const all = (fits: (release: Release) => boolean) =>
    eventually('all releases', async () => {
      const found = await Promise.all(names.map((name) => lastOf(composition, repository, name)));
      return found.every((release) => release && fits(release));
    });
  await intake(repository.id, composition, neverAborts);
  await all(({ state }) => state === 'succeeded');

  await repository.push({
    ...app('web', '1'),
    ...Object.fromEntries(names.map((name) => [`apps/${name}/settings.yaml`, null])),
  });
  await intake(repository.id, composition, neverAborts);
  // They hold all permits of the cluster, or have given them back.
  await all(({ number, state }) => number === 2 && state === 'rendering');
  await deployWeb({ slipway, composition });
  const attempts = await Promise.all(
    names.map(async (name) => (await lastOf(composition, repository, name))?.attempts),
  );
  expect(new Set(attempts), 'no prune has given up').toEqual(new Set([1]));
});
