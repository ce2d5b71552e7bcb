import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MirrorKeeper } from '../../../src/git/mirror-keeper.ts';
import { intake } from '../../../src/intake/intake.ts';
import type { Mirrors } from '../../../src/ports/git.ts';
import { deploy } from '../../../src/release/deploy.ts';
import { app, appsYaml } from '../../support/apps.ts';
import { announce, compositionUnderTest, quietRepository } from '../../support/composition.ts';
import { silent } from '../../support/mirrors.ts';
import { pushAndLook, releasePorts } from '../../support/releases.ts';

const neverAborts = new AbortController().signal;

it('releases and takes in a commit whose mirror is evicted between any two steps', async () => {
  const { slipway, composition } = await compositionUnderTest();
  const repository = await quietRepository(slipway, (namespace) => ({
    'slipway.yaml': appsYaml(namespace),
    ...app('web', '1'),
  }));
  const root = composition.config.dataDir;
  const dir = join(root, 'mirrors');
  const keeper = new MirrorKeeper({
    root,
    dir,
    budgetBytes: 0,
    unusedMs: 0,
    program: 'git',
    env: {},
    log: silent,
  });
  let evictions = 0;
  const evict = async () => {
    await keeper.round();
    expect((await readdir(dir)).filter((name) => name.endsWith('.git'))).toEqual([]);
    evictions += 1;
  };
  // A release asks for its files after it has made sure of its commit, and may then not have used them for long.
  const mirrors: Mirrors = {
    ...composition.mirrors,
    open(id) {
      const mirror = composition.mirrors.open(id);
      return Object.create(mirror, {
        ensure: {
          async value(commit: string, signal?: AbortSignal) {
            await mirror.ensure(commit, signal);
            await evict();
          },
        },
        fetch: {
          async value(...args: Parameters<typeof mirror.fetch>) {
            const fetched = await mirror.fetch(...args);
            await evict();
            return fetched;
          },
        },
      });
    },
  };
  const ports = { ...(await releasePorts(composition)), mirrors };
  await pushAndLook(composition, repository, {});
  await deploy(repository.target('web'), ports, neverAborts);
  const commit = await repository.push(app('web', '2'));
  await announce(composition, repository, commit);

  await intake(repository.id, { ...composition, mirrors }, neverAborts);
  await deploy(repository.target('web'), ports, neverAborts);

  const { lines } = await composition.reports.read({
    repository: repository.id,
    commit,
    scope: 'production',
  });
  expect(lines).toMatchObject([{ state: 'succeeded' }]);
  expect(evictions).toBeGreaterThan(2);
});
