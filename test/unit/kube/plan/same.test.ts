import { expect, test } from 'vitest';
import { isCertainlySame } from '../../../../src/kube/plan/same.ts';
import { type FieldPath, parseFieldPath } from '../../../../src/model/field-path.ts';
import type { JsonObject, KubeObject } from '../../../../src/model/object.ts';
import { countedList } from '../../../support/counted-list.ts';

const wantedSpec = {
  replicas: 2,
  selector: { matchLabels: { app: 'web' } },
  template: {
    metadata: { labels: { app: 'web' } },
    spec: {
      containers: [
        {
          name: 'app',
          image: 'web:v1',
          ports: [{ containerPort: 80 }],
          args: ['--a', '--b'],
          emptyThing: {},
          env: [
            { name: 'A', value: '1' },
            { name: 'B', value: '2' },
          ],
        },
      ],
    },
  },
};

const ownedSpec = {
  'f:replicas': {},
  'f:selector': {},
  'f:template': {
    'f:metadata': { 'f:labels': { 'f:app': {} } },
    'f:spec': {
      'f:containers': {
        'k:{"name":"app"}': {
          '.': {},
          'f:name': {},
          'f:image': {},
          'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
          'f:args': {},
          'f:emptyThing': {},
          'f:env': {
            'k:{"name":"A"}': { '.': {}, 'f:name': {}, 'f:value': {} },
            'k:{"name":"B"}': { '.': {}, 'f:name': {}, 'f:value': {} },
          },
        },
      },
    },
  },
};

/** As the API server returns it: with defaults, somebody else's fields, and Slipway's entry of managedFields. */
function live(change: (object: JsonObject) => void = () => undefined): KubeObject {
  const object = structuredClone({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'web',
      uid: 'u',
      resourceVersion: '7',
      labels: { app: 'web' },
      annotations: { 'somebody/else': 'x' },
      managedFields: [
        { manager: 'kube-controller-manager', operation: 'Update', fieldsV1: { 'f:status': {} } },
        {
          manager: 'slipway',
          operation: 'Apply',
          apiVersion: 'apps/v1',
          fieldsV1: { 'f:metadata': { 'f:labels': { 'f:app': {} } }, 'f:spec': ownedSpec },
        },
      ],
    },
    spec: { ...wantedSpec, progressDeadlineSeconds: 600 },
    status: { replicas: 2 },
  });
  const containers = object.spec.template.spec.containers as JsonObject[];
  for (const container of containers) {
    container.ports = [{ containerPort: 80, protocol: 'TCP' }];
    container.imagePullPolicy = 'IfNotPresent';
  }
  change(object);
  return object;
}

function wanted(change: (spec: JsonObject) => void = () => undefined): KubeObject {
  const spec = structuredClone(wantedSpec);
  change(spec);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', labels: { app: 'web' } },
    spec,
  };
}

/** The value at a path of keys and indexes, for changing it. */
function at(object: JsonObject, ...path: (string | number)[]): JsonObject {
  return path.reduce<JsonObject>((value, key) => value[key as string] as JsonObject, object);
}

const container = ['template', 'spec', 'containers', 0];
const ours = ['metadata', 'managedFields', 1];

test('values that the API server defaulted or others added make no difference', () => {
  expect(isCertainlySame(wanted(), live())).toBe(true);
});

test.each<[string, (spec: JsonObject) => void]>([
  ['a value', (spec) => Object.assign(spec, { replicas: 3 })],
  ['a deep value', (spec) => Object.assign(at(spec, ...container), { image: 'web:v2' })],
  ['a field more', (spec) => Object.assign(spec, { paused: true })],
  ['a field less', (spec) => delete spec.replicas],
  ['an entry of a keyed list less', (spec) => (at(spec, ...container).env as unknown as JsonObject[]).pop()],
  [
    'an entry of a keyed list more',
    (spec) => (at(spec, ...container).env as unknown as JsonObject[]).push({ name: 'C' }),
  ],
  [
    'another order of a keyed list',
    (spec) => (at(spec, ...container).env as unknown as JsonObject[]).reverse(),
  ],
  ['another order of a plain list', (spec) => (at(spec, ...container).args as unknown as string[]).reverse()],
  ['a null', (spec) => Object.assign(spec, { replicas: null })],
])('%s in the file is a difference', (_, change) => {
  expect(isCertainlySame(wanted(change), live())).toBe(false);
});

test.each<[string, (object: JsonObject) => void]>([
  ['a value', (object) => Object.assign(at(object, 'spec'), { replicas: 9 })],
  ['a field of ours', (object) => delete at(object, 'spec', ...container).image],
  ['the ownership of a field', (object) => delete at(object, ...ours, 'fieldsV1', 'f:spec')['f:replicas']],
  ['our whole entry', (object) => (at(object, 'metadata').managedFields as unknown as JsonObject[]).pop()],
  [
    'the version of our entry',
    (object) => Object.assign(at(object, ...ours), { apiVersion: 'apps/v1beta1' }),
  ],
  ['the manager of our entry', (object) => Object.assign(at(object, ...ours), { manager: 'other' })],
  ['a label of ours', (object) => Object.assign(at(object, 'metadata', 'labels'), { app: 'other' })],
  ['an atomic map', (object) => Object.assign(at(object, 'spec', 'selector', 'matchLabels'), { more: 'x' })],
])('%s that changed on the cluster is a difference', (_, change) => {
  expect(isCertainlySame(wanted(), live(change))).toBe(false);
});

test('a status in the file that nobody owns is ignored', () => {
  expect(isCertainlySame({ ...wanted(), status: { replicas: 0 } }, live())).toBe(true);
});

test('an atomic list that the API server defaulted is not certain', () => {
  const policy = (ports: JsonObject[]): KubeObject => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      name: 'p',
      managedFields: [
        {
          manager: 'slipway',
          operation: 'Apply',
          apiVersion: 'networking.k8s.io/v1',
          fieldsV1: { 'f:spec': { 'f:ingress': {} } },
        },
      ],
    },
    spec: { ingress: [{ ports }] },
  });
  const file = { ...policy([{ port: 80 }]), metadata: { name: 'p' } };
  expect(isCertainlySame(file, policy([{ port: 80, protocol: 'TCP' }]))).toBe(false);
  expect(isCertainlySame(file, policy([{ port: 80 }]))).toBe(true);
});

const ignored = ['spec.replicas', 'spec.template.spec.containers[name=app].env'].map((text): FieldPath => {
  const path = parseFieldPath(text);
  if (typeof path === 'string') throw new Error(path);
  return path;
});

test('ignored fields make no difference, whoever owns them', () => {
  const theirs = live((object) => {
    Object.assign(at(object, 'spec'), { replicas: 9 });
    delete at(object, ...ours, 'fieldsV1', 'f:spec')['f:replicas'];
    delete at(object, 'spec', ...container).env;
  });
  expect(isCertainlySame(wanted(), live(), ignored)).toBe(true);
  expect(isCertainlySame(wanted(), theirs, ignored)).toBe(true);
  expect(
    isCertainlySame(
      wanted((spec) => delete spec.replicas),
      theirs,
      ignored,
    ),
  ).toBe(true);
  expect(isCertainlySame(wanted(), theirs)).toBe(false);
});

test('a difference beside ignored fields is noticed', () => {
  const image = (spec: JsonObject) => Object.assign(at(spec, ...container), { image: 'web:v2' });
  expect(isCertainlySame(wanted(image), live(), ignored)).toBe(false);
  expect(
    isCertainlySame(
      wanted((spec) => delete spec.template),
      live(),
      ignored,
    ),
  ).toBe(false);
});

test('reads the entries of a list a fixed number of times, however long the list is', () => {
  const names = Array.from({ length: 2_000 }, (_, index) => `entry-${index}`);
  const owned = Object.fromEntries(
    names.map((name) => [`k:${JSON.stringify({ name })}`, { '.': {}, 'f:name': {} }]),
  );
  const fields = { 'f:spec': { 'f:env': owned } };
  const wanted = countedList(2_000);
  const live = countedList(2_000);
  const entry = { manager: 'slipway', operation: 'Apply', apiVersion: 'v1', fieldsV1: fields };
  const object = (env: JsonObject[], metadata: JsonObject = {}): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Thing',
    metadata,
    spec: { env },
  });

  const same = isCertainlySame(object(wanted.list), object(live.list, { managedFields: [entry] }));

  expect(same).toBe(true);
  expect(wanted.reads.count + live.reads.count).toBeLessThan(20 * 2_000);
});
