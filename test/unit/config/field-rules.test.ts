import { expect, test } from 'vitest';
import { readSlipwayConfig } from '../../../src/config/parse-slipway.ts';
import { describeFailure } from '../../../src/model/describe-failure.ts';

const ignoring = (rule: string) => `version: 1\napps:\n  web:\n    path: a\n    ignore: [{ ${rule} }]`;

test.each([
  [
    'a field to ignore without path',
    ignoring('kind: Deployment'),
    'slipway.yaml:5: apps.web.ignore[0].path is missing',
  ],
  [
    'a misspelt key of a field to ignore',
    ignoring('kind: Deployment, nmae: web, path: spec.replicas'),
    'slipway.yaml:5: apps.web.ignore[0]: unknown key "nmae"; did you mean "name"?',
  ],
  [
    'a field of no kind',
    ignoring('kind: apps/Deployment, path: spec.replicas'),
    'slipway.yaml:5: apps.web.ignore[0].kind is not a kind: write Kind, of any group, or Kind.group',
  ],
  [
    'a field of an object that has no such name',
    ignoring('kind: Deployment, name: "{app}", path: spec.replicas'),
    'slipway.yaml:5: apps.web.ignore[0].name is not the name of an object',
  ],
  [
    'a JSON pointer for a field',
    ignoring('kind: Deployment, path: /spec/replicas'),
    'slipway.yaml:5: apps.web.ignore[0].path has an invalid field name: separate fields by dots',
  ],
  [
    'a field that says which object it is',
    ignoring('kind: Deployment, path: metadata.name'),
    'slipway.yaml:5: apps.web.ignore[0].path is part of the identity of the object',
  ],
  [
    'the whole metadata as a field',
    ignoring('kind: Deployment, path: metadata'),
    'apps.web.ignore[0].path is part of the identity of the object',
  ],
  [
    'all labels as a field',
    ignoring('kind: Deployment, path: metadata.labels'),
    'slipway.yaml:5: apps.web.ignore[0].path includes the label that Slipway sets',
  ],
  [
    'the label of the set as a field',
    ignoring('kind: Deployment, path: "metadata.labels[applyset.kubernetes.io/part-of]"'),
    'apps.web.ignore[0].path includes the label that Slipway sets',
  ],
  [
    'the key of a list as a field',
    ignoring('kind: Deployment, path: "spec.template.spec.containers[name=web].name"'),
    'slipway.yaml:5: apps.web.ignore[0].path is the key of its list',
  ],
  [
    'an entry of a list by its index as a field',
    ignoring('kind: Deployment, path: "spec.template.spec.containers[0].image"'),
    'slipway.yaml:5: apps.web.ignore[0].path selects a list entry by its index: select it by its key',
  ],
  [
    'what is stored elsewhere as a field',
    ignoring('kind: Secret, path: stringData.key'),
    'slipway.yaml:5: apps.web.ignore[0].path is stored under data',
  ],
  [
    'more fields to ignore than there may be',
    `version: 1\napps:\n  web: { path: a, ignore: [${'{ kind: A, path: a }, '.repeat(51)}] }`,
    'slipway.yaml:3: apps.web.ignore has more than 50 entries',
  ],
  [
    'a name that is to be masked',
    'version: 1\napps:\n  web:\n    path: a\n    mask: [{ kind: Deployment, path: metadata.name }]',
    'slipway.yaml:5: apps.web.mask[0].path is part of the identity of the object',
  ],
])('refuses %s with its line', (_, text, message) => {
  const result = readSlipwayConfig(text);
  const errors = 'errors' in result ? result.errors.map(({ failure }) => describeFailure(failure)) : [];
  expect(errors).toEqual([expect.stringContaining(message)]);
});
