import { describe, expect, it } from 'vitest';
import type { Composition } from '../../../src/composition/composition.ts';
import { SlipwayError } from '../../../src/errors.ts';
import { intake } from '../../../src/intake/intake.ts';
import type { Cluster } from '../../../src/ports/cluster.ts';
import { deploy } from '../../../src/release/deploy.ts';
import type { ReleaseMirrors } from '../../../src/release/fetching.ts';
import type { ReleasePorts } from '../../../src/release/ports.ts';
import { app, appsYaml } from '../../support/apps.ts';
import { compositionUnderTest, quietRepository } from '../../support/composition.ts';
import { pushAndLook, releasePorts } from '../../support/releases.ts';
import type { TestRepository } from '../../support/repository.ts';

const neverAborts = new AbortController().signal;

interface Fixture {
  composition: Composition;
  ports: ReleasePorts;
  repository: TestRepository;
  web: string;
  push(files: Record<string, string | null>): Promise<string>;
  /** State, release and superseding commit of the only line on the commit. */
  line(commit: string): Promise<object | undefined>;
}

async function fixture(): Promise<Fixture> {
  const { slipway, composition } = await compositionUnderTest();
  const repository = await quietRepository(slipway, (namespace) => ({
    'slipway.yaml': appsYaml(namespace),
    ...app('web', '1'),
  }));
  return {
    composition,
    ports: await releasePorts(composition),
    repository,
    web: repository.target('web'),
    push: (changed) => pushAndLook(composition, repository, changed),
    async line(commit) {
      const key = { repository: repository.id, commit, scope: 'production' };
      const { lines } = await composition.reports.read(key);
      expect(lines.length).toBeLessThanOrEqual(1);
      const [{ state, release, supersededBy, failure } = { state: undefined }] = lines;
      return { state, release, supersededBy, failure };
    },
  };
}

/** The cluster responds only once `between` has ended, which runs after the release has read what is desired. */
function waitingFor(ports: ReleasePorts, between: () => Promise<unknown>): ReleasePorts {
  let ran: Promise<unknown> | undefined;
  const open: Cluster['open'] = async (work, signal) => {
    ran ??= between();
    await ran;
    return ports.clusters.get('prod').open(work, signal);
  };
  const cluster = Object.create(ports.clusters.get('prod'), { open: { value: open } });
  return { ...ports, clusters: { ...ports.clusters, get: () => cluster } };
}

const broken = { 'apps/web/broken.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: UPPER }\n' };

describe('a commit whose content is on its way', () => {
  it('fails with the release of the commit before it', async () => {
    const loans = await fixture();
    const first = await loans.push(broken);
    const second = await loans.push({ 'README.md': 'other text' });
    expect(await loans.line(second)).toMatchObject({ state: 'queued' });
    await deploy(loans.web, loans.ports, neverAborts);
    const failed = await loans.line(second);
    expect(failed).toMatchObject({ state: 'failed', failure: expect.anything() });
    expect(await loans.line(first)).toEqual(failed);
  });

  it('succeeds with the release that was in progress when it was pushed', async () => {
    const loans = await fixture();
    const first = await loans.push({});
    let second = '';
    const ports = waitingFor(loans.ports, async () => {
      second = await loans.push({ 'README.md': 'other text' });
    });
    await deploy(loans.web, ports, neverAborts);
    const [release, ...others] = await loans.composition.releases.history(loans.web, 10);
    expect(others).toEqual([]);
    expect(release).toMatchObject({ state: 'succeeded', commit: first });
    expect(await loans.line(second)).toMatchObject({ state: 'succeeded', release: release?.id });
    const record = await loans.composition.releases.record(loans.web);
    expect(record?.desired).toMatchObject({ commit: second, revision: 1 });
  });

  it('is fetched if a force push has dropped the commit before it', async () => {
    const loans = await fixture();
    const first = await loans.push({});
    let second = '';
    const { ports } = loans;
    const mirrors: ReleaseMirrors = {
      open(repository) {
        const ensure = async (commit: string) => {
          if (second === '') second = await loans.push({ 'README.md': 'other text' });
          if (commit === first) throw new SlipwayError('COMMIT_MISSING', 'dropped');
        };
        return Object.create(ports.mirrors.open(repository), { ensure: { value: ensure } });
      },
    };
    await deploy(loans.web, { ...ports, mirrors }, neverAborts);
    expect(await loans.line(second)).toMatchObject({ state: 'succeeded' });
  });

  it('is desired after the release too if a force push dropped the commit before it', async () => {
    const loans = await fixture();
    const base = await loans.push({});
    await loans.push({ 'README.md': 'text' });
    await deploy(loans.web, loans.ports, neverAborts);
    const { forge, face, name } = loans.repository;
    await forge.createBranch(face, name, 'amended', base);
    const { sha } = await forge.commit(face, name, 'amended', { files: { 'README.md': 'amended' } });
    await forge.resetBranch(face, name, 'main', sha);
    expect(await intake(loans.repository.id, loans.composition, neverAborts)).toMatchObject({ targets: 0 });
    const record = await loans.composition.releases.record(loans.web);
    expect(record?.desired).toMatchObject({ commit: sha, revision: 1 });
  });
});

describe('a deploy that is requested while a release of the same commit is in progress', () => {
  it('is one more release, and nothing is reported as superseded', async () => {
    const loans = await fixture();
    const commit = await loans.push({});
    const ports = waitingFor(loans.ports, () =>
      loans.composition.desired.repeat(loans.web, { kind: 'manual', by: 'ada' }),
    );
    await deploy(loans.web, ports, neverAborts);
    expect(await loans.line(commit)).not.toMatchObject({ state: 'superseded' });
    await deploy(loans.web, loans.ports, neverAborts);
    const [second, first] = await loans.composition.releases.history(loans.web, 10);
    expect(second).toMatchObject({ number: 2, state: 'succeeded', commit });
    expect(first).toMatchObject({ number: 1, state: 'superseded', notices: [{ kind: 'repeated' }] });
    expect(first?.supersededBy).toBeUndefined();
    expect(await loans.line(commit)).toMatchObject({ state: 'succeeded', release: second?.id });
  });
});
