import { describe, expect, it } from 'vitest';
import { LineCounter, parseAllDocuments } from 'yaml';
import type { RenderedObject } from '../../../src/model/object.ts';
import { dropRepeated } from '../../../src/render/drop-repeated.ts';
import { splitHooks } from '../../../src/render/hooks.ts';

/** The objects of a text, each with its line. */
function read(text: string): RenderedObject[] {
  const lineCounter = new LineCounter();
  return parseAllDocuments(text, { lineCounter }).map((document) => ({
    object: document.toJS(),
    source: { file: 'x.yaml', line: lineCounter.linePos(document.contents?.range?.[0] ?? 0).line },
  }));
}
const configMap = (name: string, more = '') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}${more}}\n`;

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
