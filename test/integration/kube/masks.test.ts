import { beforeAll, expect, test } from 'vitest';
import { PATIENCE_MS } from '../../../sandbox/until.ts';
import type { FieldRule } from '../../../src/model/field-rule.ts';
import { MASK } from '../../../src/model/masks.ts';
import type { JsonObject } from '../../../src/model/object.ts';
import { yamlDiff } from '../../../src/model/yaml-diff.ts';
import { reasonOfChange, reasonOfUnhealthy } from '../../support/failures.ts';
import { uniqueNamespace } from '../../support/sandbox.ts';
import {
  configMap,
  createNamespace,
  type Fixture,
  heldLease,
  openRun,
  patch,
  release,
  rendered,
  startFixture,
  targetOf,
} from './release-setup.ts';

const fixture = startFixture();
const { namespace } = fixture;

beforeAll(() => createNamespace(fixture));

function masking(app: string, ...mask: FieldRule[]): Fixture {
  return { ...fixture, target: { ...targetOf(namespace, app), mask } };
}

const license: FieldRule = { kind: 'ConfigMap', path: 'data[license.key]' };

test('masks of the repository and of the operator add up, in fields and in the YAML diff', async () => {
  const app = masking('both', license);
  const work = { mask: [{ kind: 'ConfigMap', name: 'bo*', path: 'metadata.annotations[example.com/pin]' }] };
  const map = (value: string) =>
    configMap(
      fixture,
      'both',
      { 'license.key': value, rate: value.length.toString() },
      {
        annotations: { 'example.com/pin': value },
      },
    );
  await release(app, [map('old-value')], work);

  const { applied } = await release(app, [map('new-values')], work);

  const fields = applied[0]?.fields ?? [];
  expect(Object.fromEntries(fields.map(({ path, before, after }) => [path, [before, after]]))).toEqual({
    'metadata.annotations[example.com/pin]': [MASK, MASK],
    'data[license.key]': [MASK, MASK],
    'data.rate': ['9', '10'],
  });
  expect(yamlDiff(fields).map(({ text }) => text.trim())).toContain('license.key: "***"');
  expect(JSON.stringify([applied, yamlDiff(fields)])).not.toMatch(/old-value|new-value/);
});

test('a refusal that quotes a masked value is shown without the value', async () => {
  const app = masking('quoted', { kind: 'Service', path: 'spec.externalName' });
  const service = rendered({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'quoted', namespace },
    spec: { type: 'ExternalName', externalName: 'Not_A_Name.example.com' },
  });

  const shown = await release(masking('shown'), [service]);
  const { applied } = await release(app, [service]);

  expect(reasonOfChange(shown.applied[0])).toContain('Not_A_Name');
  expect(reasonOfChange(applied[0])).toMatch(/^spec.externalName: a lowercase RFC 1123 subdomain/);
  expect(JSON.stringify(applied)).not.toContain('Not_A_Name');
});

test('the refusals and warnings of an admission policy are masked', async () => {
  const name = uniqueNamespace('masked');
  const at = (kind: string) => `/apis/admissionregistration.k8s.io/v1/${kind}`;
  const post = async (kind: string, path: string, spec: JsonObject) => {
    const body = { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name }, spec };
    await fixture.admin.request({ method: 'POST', path: at(path), body });
  };
  const app = masking('policy', license);
  let tries = 0;
  /** The value differs at each call, so that the object is sent. */
  const attempt = async () => {
    tries += 1;
    const { applied } = await release(app, [
      configMap(fixture, 'policy', { 'license.key': `void-value-${tries}` }),
    ]);
    return JSON.stringify(applied);
  };
  const bindings = 'validatingadmissionpolicybindings';
  const policies = 'validatingadmissionpolicies';
  try {
    await post('ValidatingAdmissionPolicy', policies, {
      matchConstraints: {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
        resourceRules: [
          { apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['*'] },
        ],
      },
      validations: [
        {
          expression: 'object.metadata.name != "policy"',
          messageExpression: '"the license " + object.data["license.key"] + " is void"',
        },
      ],
    });
    await post('ValidatingAdmissionPolicyBinding', bindings, {
      policyName: name,
      validationActions: ['Deny'],
    });
    const message = 'the license *** is void';
    await expect.poll(attempt).toContain(message);
    expect(await attempt()).not.toContain('void-value');

    await patch(fixture, `${at(bindings)}/${name}`, { spec: { validationActions: ['Warn'] } });
    await expect.poll(attempt).toMatch(/"warnings":\[[^\]]*the license \*\*\* is void/);
    expect(await attempt()).not.toContain('void-value');
  } finally {
    for (const path of [bindings, policies]) {
      await fixture.admin.request({ method: 'DELETE', path: `${at(path)}/${name}` });
    }
  }
});

test('an unhealthy object’s message does not show a masked value', async () => {
  const labels = { app: 'image' };
  const deployment = rendered({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'image', namespace },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'web', image: 'hidden-registry/web:missing' }] },
      },
    },
  });
  const app = masking('image', { kind: 'Deployment', path: 'spec.template.spec.containers[*].image' });
  const run = await openRun(app);
  const signal = new AbortController().signal;
  await run.apply([deployment], { signal, checkLease: heldLease });
  const messages: string[] = [];

  const unhealthy = await run.verify([deployment], {
    signal,
    timeoutMs: PATIENCE_MS,
    failFastMs: 500,
    onProgress: (message) => messages.push(message),
  });

  expect(reasonOfUnhealthy(unhealthy[0])).toMatch(/ImagePullBackOff.*\*\*\*/);
  expect(JSON.stringify([unhealthy, messages])).not.toContain('hidden-registry');
});
