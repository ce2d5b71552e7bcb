import { expect, test } from 'vitest';
import { formatFieldPath, parseFieldPath, replaceAt } from '../../../src/model/field-path.ts';

const key = (name: string) => ({ kind: 'key', key: name });

test.each([
  ['spec.replicas', [key('spec'), key('replicas')]],
  ['metadata.annotations[example.com/a.b]', [key('metadata'), key('annotations'), key('example.com/a.b')]],
  ['data[the.key]', [key('data'), key('the.key')]],
  ['spec.args[2]', [key('spec'), key('args'), { kind: 'index', index: 2 }]],
  ['spec.containers[*].image', [key('spec'), key('containers'), { kind: 'any' }, key('image')]],
  [
    'spec.ports[containerPort=80,protocol=TCP].name',
    [
      key('spec'),
      key('ports'),
      {
        kind: 'entry',
        fields: [
          ['containerPort', '80'],
          ['protocol', 'TCP'],
        ],
      },
      key('name'),
    ],
  ],
  [
    'webhooks[name=a.example.com].clientConfig',
    [key('webhooks'), { kind: 'entry', fields: [['name', 'a.example.com']] }, key('clientConfig')],
  ],
])('%s is read as it is written', (text, steps) => {
  const path = parseFieldPath(text);
  expect(path).toEqual(steps);
  expect(typeof path === 'string' ? path : formatFieldPath(path)).toBe(text);
});

test.each([
  ['', /is not the path of a field/],
  ['spec..replicas', /is not the path of a field/],
  ['.spec', /is not the path of a field/],
  ['spec.', /is not the path of a field/],
  ['spec.containers[]', /is not the path of a field/],
  ['spec.containers[name=a', /is not the path of a field/],
  ['spec[a]b', /is not the path of a field/],
  ['/spec/replicas', /has an invalid field name: separate fields by dots/],
  [
    'metadata.annotations.example.com/team',
    /has an invalid field name.*metadata\.annotations\[example\.com\/team\]/,
  ],
  ['spec.containers[name="web"].image', /has quotes in brackets/],
  [`spec.${'a'.repeat(500)}`, /more than 500 characters/],
])('%s is not a valid path', (text, mistake) => {
  expect(parseFieldPath(text)).toMatch(mistake);
});

const deployment = () => ({
  metadata: { annotations: { 'a/b.c': '1' }, name: 'web' },
  spec: {
    replicas: 2,
    args: ['a', 'b'],
    containers: [
      { name: 'web', image: 'w', ports: [{ port: 80 }] },
      { name: 'log', image: 'l' },
    ],
  },
});

test.each([
  ['spec.replicas', (it: ReturnType<typeof deployment>) => Reflect.deleteProperty(it.spec, 'replicas')],
  ['spec.args[1]', (it: ReturnType<typeof deployment>) => it.spec.args.pop()],
  ['spec.containers[name=log]', (it: ReturnType<typeof deployment>) => it.spec.containers.pop()],
  [
    'spec.containers[*].image',
    (it: ReturnType<typeof deployment>) =>
      it.spec.containers.map((one) => Reflect.deleteProperty(one, 'image')),
  ],
  [
    'spec.containers[name=web].ports[port=80,protocol=TCP]',
    (it: ReturnType<typeof deployment>) => Reflect.deleteProperty(it.spec.containers[0] ?? {}, 'ports'),
  ],
  [
    'metadata.annotations[a/b.c]',
    (it: ReturnType<typeof deployment>) => Reflect.deleteProperty(it.metadata, 'annotations'),
  ],
  ['spec.nothing.at.all', () => undefined],
  ['spec.replicas.more', () => undefined],
  ['spec.containers[name=other].image', () => undefined],
  ['spec.args[name=a]', () => undefined],
])('removes %s, and what becomes empty, and nothing else', (text, change) => {
  const path = parseFieldPath(text);
  const expected = deployment();
  change(expected);
  const before = deployment();
  const after = typeof path === 'string' ? path : replaceAt(before, path, { replace: () => undefined });
  expect(after).toEqual(expected);
  expect(before).toEqual(deployment());
});
