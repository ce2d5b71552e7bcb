import { expect, test } from 'vitest';
import type { RenderedObject } from '../../../src/model/object.ts';
import { locate } from '../../../src/render/locate.ts';
import { MemoryTree } from '../../support/memory-tree.ts';

async function lineOf(text: string, kind: string, name: string): Promise<number | undefined> {
  const object = { apiVersion: 'v1', kind, metadata: { name } };
  const objects: RenderedObject[] = [{ object, source: { file: 'a.yaml' } }];
  await locate(objects, new MemoryTree({ 'a.yaml': text }));
  return objects[0]?.source.line;
}

const two = `# what the service needs
apiVersion: v1
kind: ConfigMap
metadata: { name: first, labels: { a: b } }
---
apiVersion: v1
kind: ConfigMap
metadata:
  labels:
    app.kubernetes.io/name: x
  name: second
data:
  name: first
`;

test.each([
  ['its name', 'first', 2],
  ['its name in a block', 'second', 6],
  ['its name within that of Kustomize', 'pre-second-k8mtg7', 6],
])('an object is found by %s', async (_, name, line) => {
  expect(await lineOf(two, 'ConfigMap', name)).toBe(line);
});

test('an object whose kind or name is not in the file has no line', async () => {
  expect(await lineOf(two, 'Secret', 'first')).toBeUndefined();
  expect(await lineOf(two, 'ConfigMap', 'third')).toBeUndefined();
});

const template = `{{- if .Values.on }}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "web.fullname" . }}
---
apiVersion: v1
kind: Service
metadata:
  name: "{{ include "web.fullname" . }}-headless"
{{- end }}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "web.fullname" . }}
`;

test.each([
  ['the only one of its kind', 'Deployment', 'loans', 13],
  ['what its template writes out', 'Service', 'loans-headless', 7],
])('an object of a template is found as %s', async (_, kind, name, line) => {
  expect(await lineOf(template, kind, name)).toBe(line);
});

test('returns no line if two documents match equally well', async () => {
  const text = template.replace('-headless', '');
  expect(await lineOf(text, 'Service', 'loans')).toBeUndefined();
});

test('keeps a known line, and ignores a missing file', async () => {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'first' } };
  const objects = [
    { object, source: { file: 'a.yaml', line: 40 } },
    { object, source: { file: 'not-there.yaml' } },
  ];
  await locate(objects, new MemoryTree({ 'a.yaml': two }));
  expect(objects.map(({ source }) => source)).toEqual([
    { file: 'a.yaml', line: 40 },
    { file: 'not-there.yaml' },
  ]);
});
