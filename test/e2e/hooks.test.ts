import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { ReleaseWithChanges } from '../../src/model/release.ts';
import { getObject } from '../support/cluster.ts';
import { configMap, deployment, slipwayYaml } from '../support/loan-service.ts';
import { type TestSlipway, testSlipway } from '../support/slipway.ts';

function job(name: string, annotations: Record<string, string>, image = 'migrate:v1'): string {
  return stringify({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, annotations },
    spec: {
      backoffLimit: 0,
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'work', image }] } },
    },
  });
}

function annotated(manifest: string, annotations: Record<string, string>): string {
  const object = parse(manifest) as { metadata: object };
  return stringify({ ...object, metadata: { ...object.metadata, annotations } });
}

describe('a repository written for another deployer', () => {
  let slipway: TestSlipway;

  beforeEach(async () => {
    slipway = await testSlipway('github');
    await slipway.start('run');
  });
  afterEach(() => slipway.stop());

  async function commit(files: Record<string, string>, state: 'success' | 'failure') {
    const { forge, repo } = slipway;
    const { sha } = await forge.commit('github', repo, 'main', { files });
    return forge.waitForStatus('github', repo, sha, { context: 'slipway/production', state });
  }

  /** The changes of the last release in order, as `created Job migrate`. */
  async function changes(): Promise<string[]> {
    const [target] = await slipway.targets();
    const [last] = await slipway.history(target?.id ?? '');
    const release = await slipway.api<ReleaseWithChanges>(`/api/releases/${last?.id}`);
    const changes = release.changeSet.changes.filter(({ ref }) => ref.kind !== 'Namespace');
    return changes.map(({ action, ref }) => `${action} ${ref.kind} ${ref.name}`);
  }

  function config(): string {
    const { namespace } = slipway;
    return slipwayYaml({ production: { branch: 'main', cluster: 'prod', namespace } });
  }

  it('installs and upgrades a chart with hooks as Helm does', async () => {
    const folder = 'deploy/loan-service';
    await slipway.createRepository({ 'README.md': 'loans' });
    await commit(
      {
        'slipway.yaml': config(),
        [`${folder}/Chart.yaml`]: 'apiVersion: v2\nname: loan-service\nversion: 1.0.0\n',
        [`${folder}/values.yaml`]: 'image: loan-service:v1\n',
        [`${folder}/templates/app.yaml`]: deployment({ image: '{{ .Values.image }}' }),
        [`${folder}/templates/migrate.yaml`]: job('migrate', {
          'helm.sh/hook': 'pre-upgrade',
          'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded',
        }),
        [`${folder}/templates/smoke.yaml`]: job('smoke', { 'helm.sh/hook': 'post-install,post-upgrade' }),
      },
      'success',
    );
    expect(await changes()).toEqual(['created Deployment loan-service', 'created Job smoke']);

    await commit({ [`${folder}/values.yaml`]: 'image: loan-service:v2\n' }, 'success');

    expect(await changes()).toEqual([
      'created Job migrate',
      'configured Deployment loan-service',
      'created Job smoke',
    ]);
    const { namespace } = slipway;
    expect(JSON.stringify(await getObject('deployment', namespace, 'loan-service'))).toContain(
      'loan-service:v2',
    );
    expect(await getObject('job', namespace, 'migrate')).toBeUndefined();
  });

  it('keeps the order of the waves and hooks of Argo CD, and a failed hook stops what follows', async () => {
    const folder = 'deploy/loan-service';
    const wave = (number: string) => ({ 'argocd.argoproj.io/sync-wave': number });
    const migrate = (image: string) => job('migrate', { 'argocd.argoproj.io/hook': 'PreSync' }, image);
    const settings = (rate: string) => annotated(configMap('settings', { rate }), wave('2'));
    await slipway.createRepository({ 'README.md': 'loans' });
    await commit(
      {
        'slipway.yaml': config(),
        [`${folder}/settings.yaml`]: settings('1'),
        [`${folder}/app.yaml`]: annotated(deployment(), wave('1')),
        [`${folder}/migrate.yaml`]: migrate('migrate:v1'),
      },
      'success',
    );
    expect(await changes()).toEqual([
      'created Job migrate',
      'created Deployment loan-service',
      'created ConfigMap settings',
    ]);

    const status = await commit(
      { [`${folder}/settings.yaml`]: settings('2'), [`${folder}/migrate.yaml`]: migrate('migrate:fail') },
      'failure',
    );

    expect(status.description).toMatch(/Job migrate/);
    const live = await getObject('configmap', slipway.namespace, 'settings');
    expect(live?.data).toEqual({ rate: '1' });
  });
});
