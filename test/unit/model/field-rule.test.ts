import { expect, test } from 'vitest';
import { createFieldMatcher, type FieldRule } from '../../../src/model/field-rule.ts';
import type { KubeObject } from '../../../src/model/object.ts';

const object = (apiVersion: string, kind: string, name: string): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name },
});
const web = object('apps/v1', 'Deployment', 'web-1-blue');

test.each<[Omit<FieldRule, 'path'>, boolean]>([
  [{ kind: 'Deployment' }, true],
  [{ kind: 'Deployment.apps' }, true],
  [{ kind: 'Deployment.example.com' }, false],
  [{ kind: 'StatefulSet' }, false],
  [{ kind: '*' }, true],
  [{ kind: '*.apps' }, true],
  [{ kind: '*.batch' }, false],
  [{ kind: '*', name: 'web-1-blue' }, true],
  [{ kind: '*', name: 'web-1' }, false],
  [{ kind: '*', name: '*' }, true],
  [{ kind: '*', name: 'web-*' }, true],
  [{ kind: '*', name: '*-blue' }, true],
  [{ kind: '*', name: 'web-*-blue' }, true],
  [{ kind: '*', name: 'web*1*blue' }, true],
  [{ kind: '*', name: 'web-1-*1-blue' }, false],
  [{ kind: '*', name: 'web-1-blue*blue' }, false],
  [{ kind: '*', name: 'eb-*' }, false],
  [{ kind: '*', name: '*-blu' }, false],
])('%o matches: %s', (rule, fits) => {
  expect(createFieldMatcher([{ ...rule, path: 'spec' }])(web)).toHaveLength(fits ? 1 : 0);
});

test('distinguishes a core kind from a kind of the same name in another group', () => {
  const matcher = createFieldMatcher([{ kind: 'Service.serving.knative.dev', path: 'spec' }]);
  expect(matcher(object('v1', 'Service', 'a'))).toEqual([]);
  expect(matcher(object('serving.knative.dev/v1', 'Service', 'a'))).toHaveLength(1);
});

test('throws on a rule with an invalid path', () => {
  expect(() => createFieldMatcher([{ kind: '*', path: 'spec..a' }])).toThrow('spec..a is not the path');
});
