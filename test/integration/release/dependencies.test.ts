import { describe, expect, it } from 'vitest';
import type { Composition } from '../../../src/composition/composition.ts';
import type { Target } from '../../../src/model/target.ts';
import { createAdmission } from '../../../src/policy/admission.ts';
import { deploy } from '../../../src/release/deploy.ts';
import type { ReleasePorts } from '../../../src/release/ports.ts';
import { app } from '../../support/apps.ts';
import { compositionUnderTest, quietRepository } from '../../support/composition.ts';
import { hintOfRelease, reasonOfRelease, shown } from '../../support/failures.ts';
import { slipwayYaml } from '../../support/loan-service.ts';
import { pushAndLook, releasePorts } from '../../support/releases.ts';
import type { TestRepository } from '../../support/repository.ts';
import { aTarget } from '../../support/targets.ts';

const neverAborts = new AbortController().signal;

interface Fixture {
  composition: Composition;
  ports: ReleasePorts;
  /** Has app `web`, which depends on `database` of `infra`. */
  loans: TestRepository;
  infra: TestRepository;
  web: string;
  database: string;
}

const withApps = (namespace: string, apps: Record<string, string[]>) =>
  slipwayYaml(
    { production: { branch: 'main', cluster: 'prod', namespace } },
    Object.fromEntries(
      Object.entries(apps).map(([name, dependsOn]) => [name, { path: `apps/${name}`, dependsOn }]),
    ),
  );

async function fixture(): Promise<Fixture> {
  const { slipway, composition } = await compositionUnderTest();
  const infra = await quietRepository(slipway, (namespace) => ({
    'slipway.yaml': withApps(namespace, { database: [] }),
    ...app('database', '1'),
  }));
  const loans = await quietRepository(slipway, (namespace) => ({
    'slipway.yaml': withApps(namespace, { web: [`${infra.id}//database`] }),
    ...app('web', '1'),
  }));
  const ports = await releasePorts(composition);
  return { composition, ports, loans, infra, web: loans.target('web'), database: infra.target('database') };
}

const last = async ({ composition }: Fixture, target: string) =>
  (await composition.releases.history(target, 1))[0];

describe('a release that depends on an app of another repository', () => {
  it('reports that the app has never been deployed, and which file to check', async () => {
    const one = await fixture();
    await pushAndLook(one.composition, one.loans, app('web', '2'));
    await deploy(one.web, one.ports, neverAborts);
    expect(shown(await last(one, one.web))).toMatchObject({
      state: 'blocked',
      reason: `waits for ${one.infra.id}//database, which has never been deployed`,
      hint: `Check that slipway.yaml of ${one.infra.id} has app database and environment production, and push it.`,
    });
  });

  it('reports each state of the app until the app has succeeded', async () => {
    const one = await fixture();
    await pushAndLook(one.composition, one.loans, app('web', '2'));
    await deploy(one.web, one.ports, neverAborts);
    const broken = { 'apps/database/settings.yaml': 'kind: ConfigMap' };
    await pushAndLook(one.composition, one.infra, broken);
    await deploy(one.web, one.ports, neverAborts);
    const name = `${one.infra.id}//database`;
    expect(shown(await last(one, one.web))).toMatchObject({
      reason: `waits for ${name}, which is in progress`,
    });
    await deploy(one.database, one.ports, neverAborts);
    await deploy(one.web, one.ports, neverAborts);
    expect(shown(await last(one, one.web))).toMatchObject({ reason: `waits for ${name}, which has failed` });

    await pushAndLook(one.composition, one.infra, app('database', '2'));
    await deploy(one.database, one.ports, neverAborts);
    await deploy(one.web, one.ports, neverAborts);
    const done = await last(one, one.web);
    expect(done).toMatchObject({ number: 1, state: 'succeeded' });
    // The reason of the wait is removed.
    expect([reasonOfRelease(done), hintOfRelease(done)]).toEqual([undefined, undefined]);
  });

  it('reports that slipway.yaml of the other repository no longer has the app', async () => {
    const one = await fixture();
    await pushAndLook(one.composition, one.infra, app('database', '2'));
    await deploy(one.database, one.ports, neverAborts);
    await pushAndLook(one.composition, one.infra, { 'slipway.yaml': withApps(one.infra.namespace, {}) });
    await deploy(one.database, one.ports, neverAborts);
    await pushAndLook(one.composition, one.loans, app('web', '2'));
    await deploy(one.web, one.ports, neverAborts);
    expect(shown(await last(one, one.web))).toMatchObject({
      state: 'blocked',
      reason: `waits for ${one.infra.id}//database, which slipway.yaml of ${one.infra.id} no longer has`,
    });
  });

  it('reports that the operator has removed the other repository from the project', async () => {
    const one = await fixture();
    await pushAndLook(one.composition, one.infra, app('database', '2'));
    await deploy(one.database, one.ports, neverAborts);
    await pushAndLook(one.composition, one.loans, app('web', '2'));
    const { acme } = one.composition.config.projects;
    if (!acme) throw new Error('no project');
    const projects = { acme: { ...acme, repositories: [one.loans.id] } };
    const admission = createAdmission({ ...one.composition.config, projects });
    await deploy(one.web, { ...one.ports, admission }, neverAborts);
    expect(shown(await last(one, one.web))).toMatchObject({
      state: 'blocked',
      reason: `waits for ${one.infra.id}//database: ${one.infra.id} is not a repository of project "acme"`,
    });
    await deploy(one.web, one.ports, neverAborts);
    expect(await last(one, one.web)).toMatchObject({ state: 'succeeded' });
  });
});

describe('releases in a dependency cycle', () => {
  /** Writes one target, like an intake that crashes before it has written the others. */
  async function desire({ composition }: Fixture, target: Target): Promise<void> {
    const cause = { kind: 'push' } as const;
    const found = { target, commit: 'a'.repeat(40), contentKey: 'key', cause, retry: false };
    const sequence = await composition.desired.nextSequence(target.repository);
    await composition.desired.setDesired(target.repository, sequence, [found]);
  }

  it('name the cycle, and so does a release that depends on it', async () => {
    const one = await fixture();
    const namespace = one.loans.namespace;
    const { web, database } = one;
    const api = one.loans.target('api');
    const target = (id: string, name: string, repository: string, dependsOn: string[]) =>
      aTarget({ id, app: name, repository, namespace, dependsOn });
    await desire(one, target(web, 'web', one.loans.id, [database]));
    await desire(one, target(database, 'database', one.infra.id, [web]));
    await desire(one, target(api, 'api', one.loans.id, [web]));

    await deploy(web, one.ports, neverAborts);
    expect(reasonOfRelease(await last(one, web))).toBe(
      `waits for ${one.infra.id}//database, which is in progress`,
    );
    await deploy(database, one.ports, neverAborts);
    expect(shown(await last(one, database))).toMatchObject({
      state: 'blocked',
      reason: `apps depend on one another in a cycle: database → ${one.loans.id}//web → database`,
    });
    await deploy(web, one.ports, neverAborts);
    const cycle = `apps depend on one another in a cycle: web → ${one.infra.id}//database → web`;
    expect(reasonOfRelease(await last(one, web))).toBe(cycle);
    await deploy(api, one.ports, neverAborts);
    expect(reasonOfRelease(await last(one, api))).toBe(cycle);
  });
});
