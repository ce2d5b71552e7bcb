import { expect, it } from 'vitest';
import type { FieldChange } from '../../../src/model/change-set.ts';
import { yamlDiff } from '../../../src/model/yaml-diff.ts';

const text = (fields: FieldChange[]) => yamlDiff(fields).map((line) => `${line.sign} ${line.text}`);

it('shows the keys on the path of a field once, and list entries by their key', () => {
  const container = 'spec.template.spec.containers[name=app]';
  expect(
    text([
      { path: 'spec.replicas', before: 1, after: 3 },
      { path: `${container}.image`, before: 'app:v1', after: 'app:v2' },
      { path: `${container}.env[name=MODE].value`, before: 'on', after: 'yes' },
    ]),
  ).toEqual([
    '  spec:',
    '-   replicas: 1',
    '+   replicas: 3',
    '    template:',
    '      spec:',
    '        containers:',
    '          - name: app',
    '-           image: app:v1',
    '+           image: app:v2',
    '            env:',
    '              - name: MODE',
    '-               value: "on"',
    '+               value: "yes"',
  ]);
});

it('shows added and removed structures as a whole', () => {
  expect(
    text([
      { path: 'metadata.annotations[example.com/owner]', after: 'loans' },
      { path: 'spec.ports[port=80,protocol=TCP]', before: { port: 80, names: ['a', 'b'] } },
    ]),
  ).toEqual([
    '  metadata:',
    '    annotations:',
    '+     example.com/owner: loans',
    '  spec:',
    '    ports:',
    '-     - port: 80',
    '-       names:',
    '-         - a',
    '-         - b',
  ]);
});

it('quotes strings that YAML would parse as another type', () => {
  const values = ['1', 'true', '', 'a: b', 'plain', 'v1.2/x'];
  const fields = values.map((after, at) => ({ path: `data.k${at}`, after }));
  expect(text(fields).slice(1)).toEqual([
    '+   k0: "1"',
    '+   k1: "true"',
    '+   k2: ""',
    '+   k3: "a: b"',
    '+   k4: plain',
    '+   k5: v1.2/x',
  ]);
});

it('shows a new list entry once with its name first, and entries of plain lists unchanged', () => {
  const container = { image: 'side:v1', name: 'side' };
  expect(
    text([
      { path: 'spec.containers[name=side]', after: container },
      { path: 'spec.command[1]', before: '--fast', after: 'run' },
      { path: 'rules[2]', after: { verbs: ['get'] } },
    ]),
  ).toEqual([
    '  spec:',
    '    containers:',
    '+     - name: side',
    '+       image: side:v1',
    '    command:',
    '-     - "--fast"',
    '+     - run',
    '  rules:',
    '+   - verbs:',
    '+       - get',
  ]);
});

it('shows the changed lines of a text, and a new text as a block', () => {
  const lines = ['@@ -1,2 +1,2 @@', ' user nginx;', '-listen 80;', '+listen 81;'];
  expect(
    text([
      { path: 'data[nginx.conf]', before: 'x', after: 'y', lines },
      { path: 'data.motd', after: 'hello\nworld\n' },
    ]),
  ).toEqual([
    '  data:',
    '    nginx.conf: |',
    '      @@ -1,2 +1,2 @@',
    '      user nginx;',
    '-     listen 80;',
    '+     listen 81;',
    '+   motd: |',
    '+     hello',
    '+     world',
  ]);
});
