import type { Composition } from '../../../src/composition/composition.ts';
import { SlipwayError } from '../../../src/errors.ts';
import { intake } from '../../../src/intake/intake.ts';
import { partOfLabel } from '../../../src/kube/inventory/applyset.ts';
import { objectOf } from '../../../src/model/json.ts';
import type { Release } from '../../../src/model/release.ts';
import type { Cluster, ClusterRun } from '../../../src/ports/cluster.ts';
import { deploy } from '../../../src/release/deploy.ts';
import type { ReleasePorts } from '../../../src/release/ports.ts';
import { getObject } from '../../support/cluster.ts';
import { compositionUnderTest, quietRepository } from '../../support/composition.ts';
import { configMap, slipwayYaml } from '../../support/loan-service.ts';
import { releasePorts } from '../../support/releases.ts';
import type { TestRepository } from '../../support/repository.ts';

export const neverAborts = new AbortController().signal;
export const names = ['a', 'b', 'c', 'd'];

export interface Fixture {
  composition: Composition;
  ports: ReleasePorts;
  /** Ports of a worker in another process on another machine. */
  another: ReleasePorts;
  repository: TestRepository;
  /** Commits slipway.yaml with these apps and their files, and runs an intake. Resolves to the commit. */
  push(apps: string[], files: Record<string, string | null>, message?: string): Promise<string>;
  /** Creates a second repository for the same namespace and runs an intake. Resolves to its first target. */
  anotherRepository(apps: [string], files: Record<string, string>): Promise<string>;
  deploy(app: string, ports?: ReleasePorts): Promise<void>;
  newest(app: string): Promise<Release | undefined>;
  uid(name: string): Promise<unknown>;
  /** The ApplySet in the object's part-of label. */
  setOf(name: string): Promise<unknown>;
}

export const app = (name: string, objects = names, value = '1') => ({
  [`apps/${name}/all.yaml`]: objects.map((object) => configMap(object, { value })).join('---\n'),
});

export async function fixture(): Promise<Fixture> {
  const { slipway, composition, anotherHost } = await compositionUnderTest();
  const yaml = (apps: string[], namespace: string) =>
    slipwayYaml(
      { production: { branch: 'main', cluster: 'prod', namespace } },
      Object.fromEntries(apps.map((name) => [name, { path: `apps/${name}` }])),
    );
  const repository = await quietRepository(slipway, () => ({ 'README.md': 'apps' }));
  const { namespace } = repository;
  const ports = await releasePorts(composition);
  return {
    composition,
    ports,
    another: await releasePorts(anotherHost),
    repository,
    async push(apps, files, message = 'change') {
      const all = { 'slipway.yaml': yaml(apps, namespace), ...files };
      const { sha } = await slipway.forge.commit('github', repository.name, 'main', { files: all, message });
      await intake(repository.id, composition, neverAborts);
      return sha;
    },
    async anotherRepository(apps, files) {
      const first = { 'slipway.yaml': yaml(apps, namespace), ...files };
      const beside = await quietRepository(slipway, () => first);
      await intake(beside.id, composition, neverAborts);
      return beside.target(apps[0]);
    },
    deploy: (name, by = ports) => deploy(repository.target(name), by, neverAborts),
    newest: async (name) => (await composition.releases.history(repository.target(name), 1))[0],
    uid: async (name) => (await getObject('configmap', namespace, name))?.metadata.uid,
    setOf: async (name) =>
      objectOf((await getObject('configmap', namespace, name))?.metadata.labels)[partOfLabel],
  };
}

/** Deploys app `old` with four objects. A second commit replaces it by app `next`, which is not deployed yet. */
export async function renamedApp(message?: string, objects = names): Promise<Fixture & { uids: unknown[] }> {
  const loans = await fixture();
  await loans.push(['old'], app('old'));
  await loans.deploy('old');
  const uids = await Promise.all(names.map(loans.uid));
  await loans.push(['next'], { 'apps/old/all.yaml': null, ...app('next', objects) }, message);
  return { ...loans, uids };
}

export const confirmingMessage = 'Rename\n\nslipway.dev/confirm-prune: old';

/** The process crashes after two of the objects have been taken over. */
export function crashingDuringApply(ports: ReleasePorts): ReleasePorts {
  const open: Cluster['open'] = async (work, signal) => {
    const run = await ports.clusters.get('prod').open(work, signal);
    const apply: ClusterRun['apply'] = async (objects, options) => {
      await run.apply(objects.slice(0, 2), options);
      throw new SlipwayError('LEASE_LOST', 'crashed');
    };
    return Object.create(run, { apply: { value: apply } });
  };
  const cluster = Object.create(ports.clusters.get('prod'), { open: { value: open } });
  return { ...ports, clusters: { ...ports.clusters, get: () => cluster } };
}
