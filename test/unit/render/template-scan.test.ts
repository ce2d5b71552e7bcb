import { describe, expect, it } from 'vitest';
import { scanTemplate } from '../../../src/render/helm/template-scan.ts';

describe('a template whose output differs each time', () => {
  it.each([
    ['{{ randAlphaNum 16 | b64enc }}', 'randAlphaNum'],
    ['{{- $ca := genCA "x" 365 -}}', 'genCA'],
    ['{{ $c := genSignedCertWithKey "x" nil nil 1 $ca }}', 'genSignedCertWithKey'],
    ['{{ now | date "2006" }}', 'now'],
    ['{{ default (uuidv4) .Values.id }}', 'uuidv4'],
    ['{{ htpasswd "a" .Values.p }}', 'htpasswd'],
  ])('is detected by %s', (text, name) => {
    expect(scanTemplate(`a: 1\nb: ${text}\n`).random).toEqual([{ name, line: 2 }]);
  });

  it.each([
    '{{ .Values.now }}',
    '{{ $now }}',
    '{{/* now */}}',
    '{{ "now" }}',
    'now: randAlphaNum',
    '{{ .Values.randAlphaNum }}',
    '{{ include "app.uuidv4name" . }}',
  ])('is not detected by %s', (text) => {
    expect(scanTemplate(text).random).toEqual([]);
  });
});

describe('the values that a template reads', () => {
  it.each([
    ['{{ .Files.Get "x" }}', { readsFiles: true, looksAtCluster: false }],
    ['{{ range $k, $v := $.Files }}{{ end }}', { readsFiles: true, looksAtCluster: false }],
    ['{{ .Capabilities.KubeVersion }}', { readsFiles: false, looksAtCluster: true }],
    ['{{ if (index . "Capabilities") }}{{ end }}', { readsFiles: false, looksAtCluster: true }],
    ['{{ .Values.x }}', { readsFiles: false, looksAtCluster: false }],
  ])('%s', (text, expected) => {
    expect(scanTemplate(text)).toMatchObject(expected);
  });
});

describe('a template that looks up an object in the cluster', () => {
  it.each([
    ['{{ (lookup "v1" "Secret" .Release.Namespace "db").data }}', [1]],
    ['a\n{{- $old := lookup "v1" "Secret" "a" "b" }}', [2]],
    ['{{ include "common.lookup" . }}', []],
    ['{{ .Values.lookup }}', []],
  ])('%s', (text, lines) => {
    expect(scanTemplate(text).lookups).toEqual(lines);
  });
});
