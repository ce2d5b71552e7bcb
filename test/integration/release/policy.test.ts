import { describe, expect, it } from 'vitest';
import type { Composition } from '../../../src/composition/composition.ts';
import type { ClusterRule } from '../../../src/config/server-config.ts';
import { intake } from '../../../src/intake/intake.ts';
import { createKnownFindings } from '../../../src/intake/known-findings.ts';
import { createEngines } from '../../../src/policy/engines.ts';
import { createPolicy } from '../../../src/policy/policy.ts';
import { deploy } from '../../../src/release/deploy.ts';
import type { ReleasePorts } from '../../../src/release/ports.ts';
import { app, appsYaml } from '../../support/apps.ts';
import { getObject } from '../../support/cluster.ts';
import { compositionUnderTest, quietRepository } from '../../support/composition.ts';
import { shown } from '../../support/failures.ts';
import { planNow } from '../../support/plan-now.ts';
import { pushAndLook, releasePorts } from '../../support/releases.ts';
import type { TestRepository } from '../../support/repository.ts';

const neverAborts = new AbortController().signal;

/** Each run recreates the hook, so its uid identifies the run. */
const hook = (moment: string) => `apiVersion: v1
kind: ConfigMap
metadata:
  name: ran
  annotations: { slipway.dev/hook: ${moment} }
`;

interface Fixture {
  composition: Composition;
  ports: ReleasePorts;
  repository: TestRepository;
  web: string;
  beside: string;
  /** A process whose server.yaml has another rule for the cluster. */
  under(change: Partial<ClusterRule>): { composition: Composition; ports: ReleasePorts };
  last(): Promise<Awaited<ReturnType<Composition['releases']['find']>>>;
}

async function fixture(): Promise<Fixture> {
  const { slipway, composition } = await compositionUnderTest();
  const repository = await quietRepository(slipway, (namespace) => ({
    'slipway.yaml': appsYaml(namespace),
    ...app('web', '1'),
  }));
  const ports = await releasePorts(composition);
  const web = repository.target('web');
  return {
    composition,
    ports,
    repository,
    web,
    beside: `${repository.namespace}-beside`,
    under(change) {
      const { acme } = composition.config.projects;
      if (!acme?.clusters.prod) throw new Error('no rule');
      const clusters = { ...acme.clusters, prod: { ...acme.clusters.prod, ...change } };
      const config = { ...composition.config, projects: { acme: { ...acme, clusters } } };
      const policy = createPolicy(createEngines(config));
      return {
        composition: { ...composition, policy, findings: createKnownFindings() },
        ports: { ...ports, policy },
      };
    },
    async last() {
      const [release] = await composition.releases.history(web, 1);
      return release && composition.releases.find(release.id);
    },
  };
}

const refused = `
apiVersion: v1
kind: ConfigMap
metadata: { name: elsewhere, namespace: kube-system }
---
apiVersion: v1
kind: PersistentVolume
metadata: { name: disk }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: a/b }
---
apiVersion: acme.io/v1
kind: Gadget
metadata: { name: gadget }
`;

const expected = [
  { ref: { name: 'a/b' }, action: 'failed', failure: { summary: 'metadata.name is missing or invalid' } },
  { ref: { name: 'gadget' }, action: 'failed' },
  { ref: { name: 'elsewhere' }, action: 'failed', source: { file: 'apps/web/refused.yaml', line: 2 } },
  { ref: { name: 'disk' }, action: 'failed' },
];

/** The planned changes of the objects that the policy allows. */
const planned = (namespace: string) => [
  { ref: { name: namespace }, action: 'created' },
  { ref: { name: 'web' }, action: 'created' },
];

describe('a release that the policy refuses', () => {
  it('names every violation on its object, applies nothing and runs no hook', async () => {
    const loans = await fixture();
    const files = {
      'apps/web/refused.yaml': refused,
      'apps/web/hook.yaml': hook('on-failure'),
    };
    await pushAndLook(loans.composition, loans.repository, files);
    await deploy(loans.web, loans.under({ namespaces: [loans.repository.namespace] }).ports, neverAborts);
    const release = await loans.last();
    expect(shown(release)).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(
        /refused\.yaml:10: ConfigMap a\/b: metadata\.name .*; 3 more objects failed$/,
      ),
      summary: '4 failed',
      changeSet: { changes: expected },
    });
    const { namespace } = loans.repository;
    expect(await getObject('configmap', namespace, 'web')).toBeUndefined();
    expect(await getObject('configmap', namespace, 'ran')).toBeUndefined();
  });

  it('has a plan with the violations and the changes of its other objects', async () => {
    const loans = await fixture();
    await pushAndLook(loans.composition, loans.repository, {
      'apps/web/refused.yaml': refused,
    });
    const { composition } = loans.under({ namespaces: [loans.repository.namespace] });
    const { changeSet } = await planNow(composition, { target: loans.web }, neverAborts);
    expect(changeSet.changes).toMatchObject([...expected, ...planned(loans.repository.namespace)]);
  });
});

describe('content that runs already', () => {
  /** Deploys an app with objects in a second namespace. */
  async function deployed() {
    const loans = await fixture();
    const namespace = `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${loans.beside} }\n`;
    const elsewhere = `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: beside, namespace: ${loans.beside} }\n`;
    await pushAndLook(loans.composition, loans.repository, {
      'apps/web/beside.yaml': `${namespace}---\n${elsewhere}`,
      'apps/web/hook.yaml': hook('pre-deploy'),
    });
    await deploy(loans.web, loans.ports, neverAborts);
    expect(await loans.last()).toMatchObject({ number: 1, state: 'succeeded' });
    return loans;
  }
  const pushNothing = async ({ repository }: Fixture, { composition }: { composition: Composition }) =>
    pushAndLook(composition, repository, { 'NEWS.md': String(Date.now()) });

  it('is not released again if the rules have not changed', async () => {
    const loans = await deployed();
    await pushNothing(loans, loans);
    await deploy(loans.web, loans.ports, neverAborts);
    expect(await loans.last()).toMatchObject({ number: 1 });
  });

  it('is evaluated again when the rules change, and fails if they no longer allow it', async () => {
    const loans = await deployed();
    const narrow = loans.under({ namespaces: [loans.repository.namespace] });
    await pushNothing(loans, narrow);
    await deploy(loans.web, narrow.ports, neverAborts);
    expect(await loans.last()).toMatchObject({ number: 2, state: 'failed', summary: '2 failed' });
    expect(await getObject('configmap', loans.beside, 'beside')).toBeDefined();

    // The operator reverts the rule: the same commit is released without a push.
    await intake(loans.repository.id, loans.composition, neverAborts);
    await deploy(loans.web, loans.ports, neverAborts);
    expect(await loans.last()).toMatchObject({ number: 3, state: 'succeeded' });
  });

  it('ends unchanged if changed rules still allow it, and its hooks do not run again', async () => {
    const loans = await deployed();
    const ranBefore = await getObject('configmap', loans.repository.namespace, 'ran');
    expect(ranBefore).toBeDefined();
    const wider = loans.under({ namespaces: ['*', 'another'] });
    await pushNothing(loans, wider);
    await deploy(loans.web, wider.ports, neverAborts);
    expect(await loans.last()).toMatchObject({ number: 2, state: 'unchanged' });

    expect(await getObject('configmap', loans.repository.namespace, 'ran')).toEqual(ranBefore);

    await pushNothing(loans, wider);
    await deploy(loans.web, wider.ports, neverAborts);
    expect(await loans.last()).toMatchObject({ number: 2 });
  });

  it('is evaluated again after the next intake if a worker with the old rules released it first', async () => {
    const loans = await deployed();
    const narrow = loans.under({ namespaces: [loans.repository.namespace] });
    await pushNothing(loans, narrow);
    await deploy(loans.web, loans.ports, neverAborts);
    expect(await loans.last()).toMatchObject({ number: 2, state: 'unchanged' });

    await intake(loans.repository.id, narrow.composition, neverAborts);
    await deploy(loans.web, narrow.ports, neverAborts);
    expect(await loans.last()).toMatchObject({ number: 3, state: 'failed' });
  });
});
