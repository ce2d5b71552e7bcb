import { afterAll, beforeAll, expect, test } from 'vitest';
import { isUnconvertible } from '../../../src/kube/client/api-error.ts';
import type { JsonObject } from '../../../src/model/object.ts';
import { defaultPrune } from '../../../src/model/target.ts';
import { eventually } from '../../support/slipway.ts';
import { definition, definitionPath } from './custom-kind.ts';
import {
  configMap,
  createNamespace,
  type Fixture,
  lines,
  read,
  release,
  rendered,
  startFixture,
  targetOf,
} from './release-setup.ts';

const started = startFixture();
const fixture: Fixture = {
  ...started,
  target: { ...started.target, prune: { ...defaultPrune, maxShare: 1 } },
};
const { namespace } = fixture;
const group = `${namespace}.example.com`;
const paths = ['gauges', 'meters'].map((plural) => definitionPath(plural, group));

beforeAll(() => createNamespace(fixture));
afterAll(async () => {
  for (const path of paths) await fixture.admin.request({ method: 'DELETE', path }).catch(() => undefined);
});

/** A kind in two versions. */
function gauges(conversion: JsonObject, kind = 'Gauge', plural = 'gauges') {
  const object = definition(kind, plural, group);
  const [version = {}] = (object.spec as { versions: JsonObject[] }).versions;
  const versions = [
    { ...version, name: 'v1beta1' },
    { ...version, storage: false },
  ];
  return rendered({ ...object, spec: { ...(object.spec as JsonObject), versions, conversion } });
}

const gauge = (version: string, name: string, spec: JsonObject = {}) =>
  rendered({ apiVersion: `${group}/${version}`, kind: 'Gauge', metadata: { name, namespace }, spec });

const webhook = {
  strategy: 'Webhook',
  webhook: {
    conversionReviewVersions: ['v1'],
    clientConfig: { service: { name: 'not-there', namespace, path: '/convert', port: 443 } },
  },
};

test('a kind whose conversion webhook fails stops no release, also not the one that mends the webhook', async () => {
  const none = gauges({ strategy: 'None' });
  const keep = configMap(fixture, 'keep', { v: '1' });
  const others = [gauge('v1beta1', 'a'), gauge('v1beta1', 'b'), keep, configMap(fixture, 'drop')];
  await release(fixture, [none, ...others]);
  await release(fixture, [gauges(webhook), ...others]);
  // The API server prefers v1, to which nothing can be converted any more.
  const collection = `/apis/${group}/v1/namespaces/${namespace}/gauges`;
  await eventually('the failing conversion', () =>
    fixture.admin.request({ path: collection, retryBudgetMs: 0 }).then(() => false, isUnconvertible),
  );

  const changed = configMap(fixture, 'keep', { v: '2' });
  const during = await release(fixture, [gauges(webhook), changed]);
  const mending = await release(fixture, [none, changed]);
  await eventually('the working conversion', () =>
    fixture.admin.request({ path: collection, retryBudgetMs: 0 }),
  );
  const after = await release(fixture, [none, changed]);

  expect(lines(during.applied)).toContain(`configured ConfigMap ${namespace}/keep`);
  expect(lines(during.pruned)).toEqual([
    `skipped Gauge ${namespace}/*`,
    `pruned ConfigMap ${namespace}/drop`,
  ]);
  expect(during.pruned[0]?.notice?.summary).toBe(
    `the list of what is live is not complete (gauges in namespace ${namespace} cannot be converted to v1)`,
  );
  expect(lines(mending.applied)).toContain(`configured CustomResourceDefinition gauges.${group}`);
  expect(lines(after.pruned).sort()).toEqual([`pruned Gauge ${namespace}/a`, `pruned Gauge ${namespace}/b`]);
  expect(await read(fixture, `${collection}/a`)).toBeUndefined();
});

test('what may serve a kind that cannot be read stays until its last objects are gone', async () => {
  const app = { ...fixture, target: targetOf(namespace, 'operator') };
  const none = gauges({ strategy: 'None' }, 'Meter', 'meters');
  const meter = rendered({
    apiVersion: `${group}/v1beta1`,
    kind: 'Meter',
    metadata: { name: 'm', namespace },
  });
  const settings = configMap(fixture, 'settings');
  const served = [service('served'), service('webhook')];
  await release(app, [none, settings, meter, ...served, configMap(fixture, 'old')]);
  const broken = gauges(webhook, 'Meter', 'meters');
  await release(app, [broken, settings, meter, ...served, configMap(fixture, 'old')]);
  const collection = `/apis/${group}/v1/namespaces/${namespace}/meters`;
  await eventually('the failing conversion', () =>
    fixture.admin.request({ path: collection, retryBudgetMs: 0 }).then(() => false, isUnconvertible),
  );

  const without = await release(app, [broken, settings]);
  const plain = await release(app, [broken, settings, ...served]);

  expect(lines(without.pruned).sort()).toEqual([
    `skipped ConfigMap ${namespace}/old`,
    `skipped Meter ${namespace}/*`,
    `skipped Service ${namespace}/served`,
    `skipped Service ${namespace}/webhook`,
  ]);
  expect(lines(plain.pruned).sort()).toEqual([
    `pruned ConfigMap ${namespace}/old`,
    `skipped Meter ${namespace}/*`,
  ]);
});

function service(name: string) {
  return rendered({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { selector: { app: name }, ports: [{ port: 80 }] },
  });
}
