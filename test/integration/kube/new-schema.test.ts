import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createCluster } from '../../../src/kube/cluster.ts';
import type { ObjectChange } from '../../../src/model/change-set.ts';
import type { JsonObject, RenderedObject } from '../../../src/model/object.ts';
import { shown } from '../../support/failures.ts';
import { definitionPath } from './custom-kind.ts';
import { type Front, startFront } from './front.ts';
import {
  createNamespace,
  type Fixture,
  heldLease,
  lines,
  openRun,
  release,
  rendered,
  startFixture,
  targetOf,
} from './release-setup.ts';

const fixture = startFixture();
const { namespace } = fixture;
const group = `${namespace}.example.com`;

beforeAll(() => createNamespace(fixture));

/** The fields that the commits of a branch add one by one. */
const added = ['tier', 'zone', 'owner', 'color', 'shape', 'class'];

function properties(fields: string[], limits: JsonObject = {}): JsonObject {
  const each = Object.fromEntries(fields.map((name) => [name, { type: 'string', ...limits }]));
  return { type: 'object', properties: { spec: { type: 'object', properties: each } } };
}

/** The definition with these fields in each of its versions; the last version is stored. */
function definition(
  kind: string,
  fields: string[],
  versions = ['v1'],
  limits: JsonObject = {},
): RenderedObject {
  const plural = `${kind.toLowerCase()}s`;
  return rendered(
    {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${plural}.${group}` },
      spec: {
        group,
        scope: 'Namespaced',
        names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
        versions: versions.map((name) => ({
          name,
          served: true,
          storage: name === versions.at(-1),
          schema: { openAPIV3Schema: properties(fields, limits) },
        })),
      },
    },
    'crd.yaml',
  );
}

function objects(kind: string, fields: string[], version = 'v1'): RenderedObject[] {
  const spec = Object.fromEntries(fields.map((name) => [name, name]));
  return ['q0', 'q1', 'q2'].map((name) =>
    rendered(
      { apiVersion: `${group}/${version}`, kind, metadata: { name, namespace }, spec },
      `${name}.yaml`,
    ),
  );
}

function alone(app: string, change: Partial<Fixture> = {}): Fixture {
  return { ...fixture, target: targetOf(namespace, app), ...change };
}

async function planned(app: Fixture, wanted: RenderedObject[]): Promise<ObjectChange[]> {
  const run = await openRun(app);
  const options = { signal: new AbortController().signal, checkLease: heldLease, dryRun: true };
  return (await run.apply(wanted, options)).changes;
}

function removeLater(kind: string): void {
  const path = definitionPath(`${kind.toLowerCase()}s`, group);
  onTestFinished(
    async () => void (await fixture.admin.request({ method: 'DELETE', path }).catch(() => undefined)),
  );
}

test('a branch that adds fields to a kind and uses them is deployed commit by commit at the first try', async () => {
  removeLater('Queue');
  const app = alone('queues');
  const fields = ['size'];
  await release(app, [definition('Queue', fields), ...objects('Queue', fields)]);
  for (const field of added) {
    fields.push(field);
    const { applied } = await release(app, [definition('Queue', fields), ...objects('Queue', fields)]);
    expect(lines(applied).filter((line) => line.startsWith('failed'))).toEqual([]);
  }

  fields.push('v2only');
  const wanted = [definition('Queue', fields, ['v1', 'v2']), ...objects('Queue', fields, 'v2')];
  const { applied } = await release(app, wanted);

  expect(lines(applied)).toEqual([
    `configured CustomResourceDefinition queues.${group}`,
    ...['q0', 'q1', 'q2'].map((name) => `configured Queue ${namespace}/${name}`),
  ]);
});

describe('a plan of a branch that changes a kind and uses the change', () => {
  const app = alone('plans');
  const before = ['size'];
  const notice = { kind: 'not-checked', summary: 'its kind changes with the same change' };

  beforeAll(async () => {
    await release(app, [definition('Plan', before), ...objects('Plan', before)]);
  });
  afterAll(() => fixture.admin.request({ method: 'DELETE', path: definitionPath('plans', group) }));

  test('shows the new field and says that only a deploy can check it', async () => {
    const fields = [...before, 'tier'];

    const changes = await planned(app, [definition('Plan', fields), ...objects('Plan', fields)]);

    expect(changes[0]).toMatchObject({ action: 'configured', ref: { name: `plans.${group}` } });
    expect(changes.slice(1)).toMatchObject(
      ['q0', 'q1', 'q2'].map((name) => ({
        action: 'configured',
        ref: { name },
        source: { file: `${name}.yaml` },
        fields: [{ path: 'spec.tier', after: 'tier' }],
        notice,
      })),
    );
  });

  test('shows an object that moves to a new version as configured', async () => {
    const wanted = [definition('Plan', before, ['v1', 'v2']), ...objects('Plan', before, 'v2')];

    const changes = await planned(app, wanted);

    expect(lines(changes)).toEqual([
      `configured CustomResourceDefinition plans.${group}`,
      ...['q0', 'q1', 'q2'].map((name) => `configured Plan ${namespace}/${name}`),
    ]);
  });

  test('calls a field unknown that the new kind does not have either', async () => {
    const wanted = [definition('Plan', [...before, 'tier']), ...objects('Plan', [...before, 'teir'])];

    const [, first] = (await planned(app, wanted)).map((change) => change);

    expect(first).toMatchObject({ action: 'failed', failure: { code: 'OBJECT_INVALID' } });
    expect(shown({ state: 'failed', ...first })?.reason).toContain('spec.teir is not a field');
  });

  test('calls a field unknown if the kind does not change', async () => {
    const [, first] = await planned(app, [
      definition('Plan', before),
      ...objects('Plan', [...before, 'tier']),
    ]);

    expect(first).toMatchObject({
      action: 'failed',
      failure: { summary: expect.stringContaining('spec.tier') },
    });
  });
});

describe('an API server that hears of a new schema late', () => {
  let front: Front;
  let app: Fixture;

  beforeAll(async () => {
    front = await startFront();
    const cluster = createCluster({ ...fixture.input, kubeconfig: front.kubeconfig });
    app = alone('late', { cluster });
  });
  afterAll(async () => {
    await app.cluster.close();
    await front.close();
  });

  /** Refuses the first so many applies of the kind with what the schema of before says. */
  function refuseFirst(plural: string, times: number, code: number, message: string): void {
    let left = times;
    front.mischief = ({ method, path }) => {
      if (method !== 'PATCH' || !path.includes(`/${plural}/`) || left === 0) return undefined;
      left -= 1;
      return { response: code, body: { message } };
    };
  }

  test('is asked again for objects that use the new field, until it knows the field', async () => {
    removeLater('Late');
    await release(app, [definition('Late', ['size']), ...objects('Late', ['size'])]);
    const unknown = `failed to create typed patch object (${namespace}/q0; ${group}/v1, Kind=Late): .spec.tier: field not declared in schema`;
    refuseFirst('lates', 5, 500, unknown);

    const fields = ['size', 'tier'];
    const { applied } = await release(app, [definition('Late', fields), ...objects('Late', fields)]);

    expect(lines(applied)).toEqual([
      `configured CustomResourceDefinition lates.${group}`,
      ...['q0', 'q1', 'q2'].map((name) => `configured Late ${namespace}/${name}`),
    ]);
  });

  test('is asked again for objects whose values only the new schema allows', async () => {
    removeLater('Wide');
    const narrow = definition('Wide', ['size'], ['v1'], { maxLength: 4 });
    await release(app, [narrow, ...objects('Wide', ['size'])]);
    const message = `Wide.${group} "q0" is invalid: spec.size: Too long: may not be longer than 4`;
    refuseFirst('wides', 4, 422, message);
    const wide = definition('Wide', ['size', 'color'], ['v1'], { maxLength: 40 });

    const { applied } = await release(app, [wide, ...objects('Wide', ['size', 'color'])]);

    expect(lines(applied).filter((line) => line.startsWith('failed'))).toEqual([]);
  });

  test('is not asked again about a field that the new schema does not have', async () => {
    removeLater('Typo');
    front.mischief = () => undefined;
    await release(app, [definition('Typo', ['size']), ...objects('Typo', ['size'])]);
    front.requests.length = 0;

    const wanted = [definition('Typo', ['size', 'tier']), ...objects('Typo', ['size', 'teir'])];
    const { applied } = await release(app, wanted);

    expect(applied[1]).toMatchObject({
      action: 'failed',
      failure: { summary: expect.stringContaining('spec.teir') },
    });
    const sent = front.requests.filter(
      ({ method, path }) => method === 'PATCH' && path.includes('/typos/q0'),
    );
    expect(sent).toHaveLength(1);
  });
});
