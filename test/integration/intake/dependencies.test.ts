import { describe, expect, it } from 'vitest';
import type { Composition } from '../../../src/composition/composition.ts';
import { intake } from '../../../src/intake/intake.ts';
import { CONFIG_SCOPE } from '../../../src/model/commit-report.ts';
import type { DeployWakeUp } from '../../../src/ports/wake-ups.ts';
import { app } from '../../support/apps.ts';
import { announce, compositionUnderTest, quietRepository } from '../../support/composition.ts';
import { reasonOfRelease } from '../../support/failures.ts';
import { slipwayYaml } from '../../support/loan-service.ts';
import type { TestRepository } from '../../support/repository.ts';

const neverAborts = new AbortController().signal;

interface Fixture {
  composition: Composition;
  loans: TestRepository;
  infra: TestRepository;
}

/** Two repositories with an app each, `web` and `database`; nobody has looked at them yet. */
async function fixture(): Promise<Fixture> {
  const { slipway, composition } = await compositionUnderTest();
  const loans = await quietRepository(slipway, (namespace) => filesOf(namespace, 'web', []));
  const infra = await quietRepository(slipway, (namespace) => filesOf(namespace, 'database', []));
  return { composition, loans, infra };
}

function filesOf(namespace: string, name: string, dependsOn: string[]) {
  return {
    'slipway.yaml': slipwayYaml(
      { production: { branch: 'main', cluster: 'prod', namespace } },
      { [name]: { path: `apps/${name}`, dependsOn } },
    ),
    ...app(name, '1'),
  };
}

const pushDependencies = (repository: TestRepository, name: string, dependsOn: string[]) =>
  repository.push({ 'slipway.yaml': filesOf(repository.namespace, name, dependsOn)['slipway.yaml'] });

const look = ({ composition }: Fixture, repository: TestRepository, ports: Composition = composition) =>
  intake(repository.id, ports, neverAborts);

async function said({ composition }: Fixture, { id }: TestRepository, commit: string, scope = CONFIG_SCOPE) {
  const { lines } = await composition.reports.read({ repository: id, commit, scope });
  return lines.map((line) => ({ state: line.state, reason: reasonOfRelease(line) }));
}

const waitsFor = async ({ composition }: Fixture, id: string) =>
  (await composition.releases.record(id))?.target.dependsOn ?? [];

const ringOf = ({ loans }: Fixture) =>
  `slipway.yaml:11: apps depend on one another in a cycle: database → ${loans.id}//web → database`;

describe('a dependency on an app of another repository', () => {
  it('is recorded whether or not the other repository is known', async () => {
    const one = await fixture();
    await pushDependencies(one.loans, 'web', [`${one.infra.id}//database`]);
    expect(await look(one, one.loans)).toMatchObject({ result: 'moved' });
    expect(await look(one, one.infra)).toMatchObject({ result: 'moved' });
    expect(await waitsFor(one, one.loans.target('web'))).toEqual([one.infra.target('database')]);
    expect(await one.composition.dependencies.waiting(one.infra.target('database'))).toEqual([
      { target: one.loans.target('web'), cluster: 'prod', index: 0 },
    ]);
  });

  it('on a repository of another project is refused at its line, on the commit and in the deliveries', async () => {
    const one = await fixture();
    await look(one, one.loans);
    const commit = await pushDependencies(one.loans, 'web', ['github/other/secrets//vault']);
    const delivery = await announce(one.composition, one.loans, commit);
    expect(await look(one, one.loans)).toMatchObject({ result: 'unmoved' });
    const reason =
      'slipway.yaml:11: apps.web.dependsOn: github/other/secrets is not a repository of project "acme"';
    expect(await said(one, one.loans, commit)).toEqual([{ state: 'failed', reason }]);
    expect(await one.composition.deliveries.get(delivery)).toMatchObject({
      state: 'failed',
      outcome: reason,
    });
    expect(await waitsFor(one, one.loans.target('web'))).toEqual([]);
  });
});

describe('a dependency cycle across two repositories', () => {
  async function closed(): Promise<Fixture & { commit: string; delivery: string }> {
    const one = await fixture();
    await pushDependencies(one.loans, 'web', [`${one.infra.id}//database`]);
    await look(one, one.loans);
    await look(one, one.infra);
    const commit = await pushDependencies(one.infra, 'database', [`${one.loans.id}//web`]);
    const delivery = await announce(one.composition, one.infra, commit);
    await look(one, one.infra);
    return { ...one, commit, delivery };
  }

  it('is refused as a whole where it is closed, with its line, and affects no other repository', async () => {
    const one = await closed();
    const reason = ringOf(one);
    expect(await said(one, one.infra, one.commit)).toEqual([{ state: 'failed', reason }]);
    expect(await one.composition.deliveries.get(one.delivery)).toMatchObject({
      state: 'failed',
      outcome: reason,
    });
    expect(await waitsFor(one, one.infra.target('database'))).toEqual([]);
    expect(await waitsFor(one, one.loans.target('web'))).toEqual([one.infra.target('database')]);
    // The repository that was there first goes on as before.
    await one.loans.push(app('web', '2'));
    expect(await look(one, one.loans)).toEqual({ result: 'moved', targets: 1 });
  });

  it('ends when the other repository removes its edge: the same commit is then released by itself', async () => {
    const one = await closed();
    await pushDependencies(one.loans, 'web', []);
    await look(one, one.loans);
    expect(await one.composition.wakeUps.counts()).toMatchObject({ intake: { waiting: 1 } });
    await look(one, one.infra);
    expect(await waitsFor(one, one.infra.target('database'))).toEqual([one.loans.target('web')]);
    expect(await said(one, one.infra, one.commit)).toEqual([
      { state: 'succeeded', reason: 'slipway.yaml is valid now' },
    ]);
    const { branch } = await one.composition.reports.read({
      repository: one.infra.id,
      commit: one.commit,
      scope: 'production',
    });
    expect(branch).toBe('main');
  });

  it('that two repositories close concurrently is refused in one of them', async () => {
    const one = await fixture();
    await look(one, one.loans);
    await look(one, one.infra);
    const theirs = await pushDependencies(one.infra, 'database', [`${one.loans.id}//web`]);
    const ours = await pushDependencies(one.loans, 'web', [`${one.infra.id}//database`]);
    // The other intake comes in between what this one has seen and what it writes.
    let before = async () => {
      before = async () => {};
      await look(one, one.loans);
    };
    const { dependencies } = one.composition;
    const slow: Composition = {
      ...one.composition,
      dependencies: {
        ...dependencies,
        async write(change) {
          await before();
          return dependencies.write(change);
        },
      },
    };
    await look(one, one.infra, slow);
    expect(await said(one, one.loans, ours)).toEqual([]);
    expect(await said(one, one.infra, theirs)).toEqual([{ state: 'failed', reason: ringOf(one) }]);
  });

  it('of concurrent intakes is refused in one of them, in every attempt', async () => {
    const one = await fixture();
    await look(one, one.loans);
    await look(one, one.infra);
    for (let round = 0; round < 5; round += 1) {
      const commits = [
        await pushDependencies(one.loans, 'web', [`${one.infra.id}//database`]),
        await pushDependencies(one.infra, 'database', [`${one.loans.id}//web`]),
      ];
      await Promise.all([look(one, one.loans), look(one, one.infra)]);
      const refused = [
        ...(await said(one, one.loans, commits[0] ?? '')),
        ...(await said(one, one.infra, commits[1] ?? '')),
      ];
      expect(refused).toMatchObject([{ state: 'failed' }]);
      await pushDependencies(one.loans, 'web', []);
      await pushDependencies(one.infra, 'database', []);
      await look(one, one.loans);
      await look(one, one.infra);
    }
  });
});

describe('a target whose commit only changes its dependencies', () => {
  it('is enqueued', async () => {
    const one = await fixture();
    await pushDependencies(one.loans, 'web', [`${one.infra.id}//database`]);
    await look(one, one.loans);
    const enqueued: string[] = [];
    const wakeUps = {
      ...one.composition.wakeUps,
      enqueueDeploys: async (wakeUps: DeployWakeUp[]) =>
        void enqueued.push(...wakeUps.map(({ target }) => target)),
    };
    const listening = { ...one.composition, wakeUps };
    await one.loans.push({ 'README.md': 'nothing of it is deployed' });
    await look(one, one.loans, listening);
    expect(enqueued).toEqual([]);
    await pushDependencies(one.loans, 'web', []);
    expect(await look(one, one.loans, listening)).toMatchObject({ result: 'unmoved' });
    expect(enqueued).toEqual([one.loans.target('web')]);
  });
});
