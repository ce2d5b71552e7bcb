import { describe, expect, it } from 'vitest';
import { splitHooks } from '../../../src/render/hooks.ts';
import { dropRepeated, toObjects } from '../../../src/render/objects.ts';
import { parseDocuments } from '../../../src/render/yaml/documents.ts';

const read = (text: string) =>
  toObjects(parseDocuments(text, 'x.yaml'), ({ line }) => ({ file: 'x.yaml', line }));
const configMap = (name: string, more = '') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}${more}}\n`;

describe('objects', () => {
  it('have their file and line, without empty documents', () => {
    const objects = read(`${configMap('a')}---\n---\n${configMap('b')}`);

    expect(objects.map(({ object, source }) => [object.metadata.name, source.line])).toEqual([
      ['a', 1],
      ['b', 6],
    ]);
  });

  it('in nested lists are flattened, and typed lists give their items a type', () => {
    const inner = '{apiVersion: v1, kind: ConfigMapList, items: [{metadata: {name: c}}]}';
    const objects = read(
      `apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: s}}\n- ${inner}\n`,
    );

    expect(
      objects.map(({ object }) => `${object.apiVersion} ${object.kind} ${object.metadata.name}`),
    ).toEqual(['v1 Secret s', 'v1 ConfigMap c']);
  });

  it('share no values, even if YAML aliases do', () => {
    const [a, b] = read(
      'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: A, metadata: &m {name: x}}\n- {apiVersion: v1, kind: B, metadata: *m}\n',
    );

    expect(a?.object.metadata).toEqual(b?.object.metadata);
    expect(a?.object.metadata).not.toBe(b?.object.metadata);
  });

  it.each([
    ['no apiVersion', 'kind: ConfigMap\nmetadata: {name: a}', 'a has no apiVersion'],
    ['no kind', 'apiVersion: v1\nmetadata: {name: a}', 'a has no kind'],
    ['no name', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {}', 'ConfigMap has no metadata.name'],
    ['no metadata', 'apiVersion: v1\nkind: ConfigMap', 'ConfigMap has no metadata.name'],
    [
      'only generateName',
      'apiVersion: v1\nkind: Job\nmetadata: {generateName: x-}',
      'Job has no metadata.name',
    ],
    ['plain text', 'hello', 'not a Kubernetes object'],
    ['a number that JSON cannot say', `${configMap('a')}data: {x: .inf}`, 'Infinity'],
    [
      'a file of Kustomize',
      'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nmetadata: {name: a}',
      'belongs to Kustomize',
    ],
  ])('with %s are rejected', (_, text, message) => {
    expect(() => read(`\n${text}`)).toThrow(
      expect.objectContaining({
        code: 'OBJECT_INVALID',
        place: { file: 'x.yaml', line: 2 },
        message: expect.stringContaining(message),
      }),
    );
  });

  it('that expand to billions of values are rejected before they are built', () => {
    const levels = Array.from(
      { length: 20 },
      (_, n) => `l${n + 1}: &l${n + 1} [*l${n}, *l${n}, *l${n}, *l${n}]`,
    );
    const text = `apiVersion: v1\nkind: A\nmetadata: {name: a}\nl0: &l0 [x]\n${levels.join('\n')}\n`;

    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'RENDER_LIMIT' }));
  });
});

describe('an object that is defined twice', () => {
  it('is one object if both definitions are equal', () => {
    expect(dropRepeated(read(`${configMap('a')}---\n${configMap('a')}`), 'loans')).toHaveLength(1);
  });

  it('is rejected with both places if they differ, even if only one names the namespace', () => {
    const objects = read(`${configMap('a')}---\n${configMap('a', ', namespace: loans')}`);

    expect(() => dropRepeated(objects, 'loans')).toThrow(
      expect.objectContaining({
        message: 'it is written twice; the other is in x.yaml:1',
        object: expect.objectContaining({ kind: 'ConfigMap', namespace: 'loans', name: 'a' }),
        place: { file: 'x.yaml', line: 5 },
      }),
    );
  });

  it('is two objects in two namespaces', () => {
    const objects = read(`${configMap('a')}---\n${configMap('a', ', namespace: other')}`);

    expect(dropRepeated(objects, 'loans')).toHaveLength(2);
  });
});

const hookJob = (annotations: string) =>
  `apiVersion: batch/v1\nkind: Job\nmetadata:\n  generateName: migrate-\n  annotations: {${annotations}}\n`;

describe('hooks', () => {
  it.each([
    ['helm.sh/hook: "pre-install, prerun"', '"prerun" is not a value of helm.sh/hook'],
    ['helm.sh/hook: test-success', 'a Helm test is never applied'],
    ['helm.sh/hook: "pre-delete,post-rollback"', 'it is for the deletion of a whole app'],
    ['argocd.argoproj.io/hook: PostDelete', 'it is for the deletion of a whole app'],
    ['argocd.argoproj.io/hook: Later', '"Later" is not a value of argocd.argoproj.io/hook'],
  ])('by %s never run and are shown', (annotation, reason) => {
    const { objects, skipped } = splitHooks(read(`${configMap('a')}---\n${hookJob(annotation)}`));

    expect(objects.map(({ object }) => object.kind)).toEqual(['ConfigMap']);
    expect(skipped).toEqual([
      expect.objectContaining({
        ref: expect.objectContaining({ kind: 'Job', name: 'migrate-…' }),
        source: { file: 'x.yaml', line: 5 },
        reason,
      }),
    ]);
  });

  it.each([
    'slipway.dev/hook: post-deploy',
    'helm.sh/hook: "pre-install,pre-delete"',
    'helm.sh/hook: "Pre-Install, test"',
    'argocd.argoproj.io/hook: "PreSync, Skip"',
    'argocd.argoproj.io/hook: "PreSync, Later"',
    'argocd.argoproj.io/hook: PreSync',
  ])('by %s belong to the release, even without a name', (annotation) => {
    const { objects, skipped } = splitHooks(read(hookJob(annotation)));

    expect(objects).toHaveLength(1);
    expect(skipped).toEqual([]);
  });

  it.each([
    ['slipway.dev/hook: pre-sync', 'annotation slipway.dev/hook may not be "pre-sync"'],
    ['slipway.dev/hook: ""', 'annotation slipway.dev/hook may not be ""'],
    ['slipway.dev/hook-delete: never', 'annotation slipway.dev/hook-delete may not be "never"'],
    ['slipway.dev/hook-timeout: soon', 'annotation slipway.dev/hook-timeout may not be "soon"'],
    ['slipway.dev/wave: "1.5"', 'annotation slipway.dev/wave may not be "1.5"'],
    ['slipway.dev/wave: 1', 'annotation slipway.dev/wave must be a quoted string'],
  ])('by %s are rejected with the file and the line', (annotation, message) => {
    const objects = read(`${hookJob(`helm.sh/hook: pre-install, ${annotation}`)}`);

    expect(() => splitHooks(objects)).toThrowError(
      expect.objectContaining({
        code: 'OBJECT_INVALID',
        message,
        object: expect.objectContaining({ kind: 'Job', name: 'migrate-…' }),
        place: { file: 'x.yaml', line: 1 },
      }),
    );
  });
});
