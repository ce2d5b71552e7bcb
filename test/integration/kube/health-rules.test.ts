import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PATIENCE_MS } from '../../../sandbox/until.ts';
import type { HealthRule } from '../../../src/model/health-rule.ts';
import type { JsonObject } from '../../../src/model/object.ts';
import type { ClusterRun, Unhealthy } from '../../../src/ports/cluster.ts';
import { definition, definitionPath } from './custom-kind.ts';
import { createNamespace, heldLease, openRun, read, rendered, startFixture } from './release-setup.ts';

const fixture = startFixture();
const suffix = randomBytes(4).toString('hex');
/** A kind of the author's own, and a real one's name and group, so that its rule of the tables is asked. */
const group = `kitchen-${suffix}.example.com`;
const flux = 'kustomize.toolkit.fluxcd.io';

beforeAll(async () => {
  await createNamespace(fixture);
  await release([definition('Oven', 'ovens', group), definition('Kustomization', 'kustomizations', flux)]);
});
afterAll(async () => {
  for (const path of [definitionPath('ovens', group), definitionPath('kustomizations', flux)]) {
    await fixture.admin.request({ method: 'DELETE', path });
  }
});

async function release(objects: JsonObject[], health: HealthRule[] = []): Promise<ClusterRun> {
  const run = await openRun(fixture, { target: { ...fixture.target, health } });
  const options = { signal: new AbortController().signal, checkLease: heldLease };
  const { changes } = await run.apply(
    objects.map((one) => rendered(one)),
    options,
  );
  expect(changes.filter(({ action }) => action === 'failed')).toEqual([]);
  return run;
}

function custom(
  kind: string,
  ofGroup: string,
  name: string,
  spec: JsonObject = {},
  annotations: JsonObject = {},
): JsonObject {
  const metadata = { name, namespace: fixture.namespace, annotations };
  return { apiVersion: `${ofGroup}/v1`, kind, metadata, spec };
}

async function exists(plural: string, ofGroup: string, name: string): Promise<boolean> {
  const path = `/apis/${ofGroup}/v1/namespaces/${fixture.namespace}/${plural}/${name}`;
  return (await read(fixture, path)) !== undefined;
}

/** What its controller would write. */
async function report(plural: string, ofGroup: string, name: string, status: JsonObject): Promise<void> {
  await fixture.admin.request({
    method: 'PATCH',
    path: `/apis/${ofGroup}/v1/namespaces/${fixture.namespace}/${plural}/${name}/status`,
    contentType: 'application/merge-patch+json',
    body: { status },
  });
}

function verify(run: ClusterRun, onProgress?: (message: string) => void): Promise<Unhealthy[]> {
  const signal = new AbortController().signal;
  const progress = onProgress ? { onProgress } : {};
  // Far longer than a test may take: only an end at once is one.
  return run.verify([], { signal, timeoutMs: 3_600_000, failFastMs: 3_600_000, ...progress });
}

describe('a kind of the tables', () => {
  test('is waited for until its controller reports it healthy', async () => {
    const said: string[] = [];
    const run = await release([custom('Kustomization', flux, 'web')]);
    const verdict = verify(run, (message) => said.push(message));
    await expect.poll(() => said[0]).toContain('Kustomization web: waiting for its controller');
    const ready = { type: 'Ready', status: 'Unknown', reason: 'Progressing', message: 'building' };
    await report('kustomizations', flux, 'web', { observedGeneration: 1, conditions: [ready] });
    await expect.poll(() => said.at(-1)).toContain('Kustomization web: Progressing: building');
    const applied = { ...ready, status: 'True', reason: 'ReconciliationSucceeded', message: 'applied' };
    await report('kustomizations', flux, 'web', { conditions: [applied] });

    expect(await verdict).toEqual([]);
  });

  test('that has failed for good ends the release at once, with its own words', async () => {
    const run = await release([custom('Kustomization', flux, 'broken')]);
    const verdict = verify(run);
    const conditions = [
      { type: 'Ready', status: 'False', reason: 'BuildFailed', message: 'no such file' },
      { type: 'Stalled', status: 'True', reason: 'BuildFailed', message: 'no such file' },
    ];
    await report('kustomizations', flux, 'broken', { observedGeneration: 1, conditions });

    const [unhealthy] = await verdict;
    expect(unhealthy).toMatchObject({ object: { name: 'broken' }, summary: 'BuildFailed: no such file' });
  });

  test('that is changed is waited for where its status does not say which generation it is about', async () => {
    const application = 'argoproj.io';
    await release([definition('Application', 'applications', application)]);
    const source = { repoURL: 'git', path: 'web' };
    await release([custom('Application', application, 'web', { source })]);
    const health = { status: 'Degraded', message: 'pod crashes' };
    await report('applications', application, 'web', { health, sync: { status: 'Synced' } });
    const run = await release([
      custom('Application', application, 'web', { source: { ...source, path: 'api' } }),
    ]);

    await report('applications', application, 'web', { health: { status: 'Healthy', message: null } });

    const signal = new AbortController().signal;
    expect(await run.verify([], { signal, timeoutMs: PATIENCE_MS, failFastMs: 0 })).toEqual([]);
    await fixture.admin.request({ method: 'DELETE', path: definitionPath('applications', application) });
  });

  test('that is suspended is not waited for', async () => {
    const run = await release([custom('Kustomization', flux, 'resting', { suspend: true })]);

    expect(await verify(run)).toEqual([]);
  });
});

describe('a rule of slipway.yaml', () => {
  const oven: HealthRule = {
    kind: `Oven.${group}`,
    healthy: 'status.phase == "Hot" && status.degrees >= spec.degrees',
    failed: 'status.phase == "Broken"',
    message: 'status.phase + " at " + string(status.degrees)',
  };

  test('evaluates a kind of the author: progressing, then healthy', async () => {
    const said: string[] = [];
    const run = await release([custom('Oven', group, 'bread', { degrees: 220 })], [oven]);
    const verdict = verify(run, (message) => said.push(message));
    await report('ovens', group, 'bread', { phase: 'Hot', degrees: 90 });
    await expect.poll(() => said.at(-1)).toContain('Oven bread: Hot at 90');
    await report('ovens', group, 'bread', { degrees: 220 });

    expect(await verdict).toEqual([]);
  });

  test('ends the release at once where it says failed, with its message', async () => {
    const run = await release([custom('Oven', group, 'cake', { degrees: 180 })], [oven]);
    const verdict = verify(run);
    await report('ovens', group, 'cake', { phase: 'Broken', degrees: 20 });

    const [unhealthy] = await verdict;
    expect(unhealthy).toMatchObject({ object: { kind: 'Oven', name: 'cake' }, summary: 'Broken at 20' });
  });

  test('replaces what the tables say of a kind', async () => {
    const lenient = { kind: `Kustomization.${flux}`, healthy: 'conditions.Ready.reason == "BuildFailed"' };
    const run = await release([custom('Kustomization', flux, 'odd')], [lenient]);
    const verdict = verify(run);
    const stalled = { type: 'Stalled', status: 'True', reason: 'BuildFailed', message: '' };
    const ready = { type: 'Ready', status: 'False', reason: 'BuildFailed', message: '' };
    await report('kustomizations', flux, 'odd', { observedGeneration: 1, conditions: [ready, stalled] });

    expect(await verdict).toEqual([]);
  });

  test('replaces what Slipway knows of a built-in kind', async () => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'public', namespace: fixture.namespace },
      spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
    };
    const run = await release([service], [{ kind: 'Service', healthy: 'spec.clusterIP != ""' }]);

    expect(await verify(run)).toEqual([]);
  });

  test.each(['pre-deploy', 'post-deploy'] as const)('evaluates a hook of %s too', async (moment) => {
    const [good, bad] = [`${moment}-good`, `${moment}-bad`];
    const hook = { 'slipway.dev/hook': moment };
    const run = await openRun(fixture, {
      target: { ...fixture.target, health: [oven], failFastMs: 3_600_000 },
    });
    const objects = [good, bad].map((name) => rendered(custom('Oven', group, name, { degrees: 200 }, hook)));
    const options = { signal: new AbortController().signal, checkLease: heldLease };
    const running =
      moment === 'pre-deploy' ? run.apply(objects, options) : run.runHooks(moment, objects, options);
    for (const name of [good, bad]) await expect.poll(() => exists('ovens', group, name)).toBe(true);
    await report('ovens', group, good, { phase: 'Hot', degrees: 200 });
    await report('ovens', group, bad, { phase: 'Broken', degrees: 20 });

    const { changes } = await running;

    expect(changes).toMatchObject([
      { action: 'created', ref: { name: good } },
      { action: 'failed', ref: { name: bad }, failure: { summary: 'Broken at 20' } },
    ]);
  });
});
