import { expect, test } from 'vitest';
import { createHealthEvaluator } from '../../../src/health/index.ts';
import { diffObjects } from '../../../src/kube/diff/diff.ts';
import { redact } from '../../../src/kube/explain/redact.ts';
import { createBoard } from '../../../src/kube/verify/verify-board.ts';
import { createMasks, MASK } from '../../../src/model/masks.ts';
import { type JsonObject, type KubeObject, refOf } from '../../../src/model/object.ts';

function oven(spec: JsonObject, rest: { metadata?: JsonObject; status?: JsonObject } = {}): KubeObject {
  return {
    apiVersion: 'example.com/v1',
    kind: 'Oven',
    ...rest,
    metadata: { name: 'oven', ...rest.metadata },
    spec,
  };
}

const masking = (...paths: string[]) => createMasks(paths.map((path) => ({ kind: 'Oven', path })));

const tray = (name: string, dish: string, host = 'h') => ({ name, dish, host });

test.each<[string, string, JsonObject, JsonObject, JsonObject[]]>([
  [
    'changed',
    'spec.pin',
    { pin: 'old-pin' },
    { pin: 'new-pin' },
    [{ path: 'spec.pin', before: MASK, after: MASK }],
  ],
  ['added', 'spec.pin', { a: 1 }, { a: 1, pin: 'new-pin' }, [{ path: 'spec.pin', after: MASK }]],
  ['removed', 'spec.pin', { a: 1, pin: 'old-pin' }, { a: 1 }, [{ path: 'spec.pin', before: MASK }]],
  ['a number', 'spec.pin', { pin: 4711 }, { pin: 4712 }, [{ path: 'spec.pin', before: MASK, after: MASK }]],
  ['unchanged', 'spec.pin', { pin: 'old-pin' }, { pin: 'old-pin' }, []],
  [
    'in an entry of a list',
    'spec.trays[name=a].dish',
    { trays: [tray('a', 'old-pin'), tray('b', 'cake')] },
    { trays: [tray('a', 'new-pin'), tray('b', 'pie')] },
    [
      { path: 'spec.trays[name=a].dish', before: MASK, after: MASK },
      { path: 'spec.trays[name=b].dish', before: 'cake', after: 'pie' },
    ],
  ],
  [
    'in an added entry',
    'spec.trays[*].dish',
    { trays: [tray('a', 'old-pin')] },
    { trays: [tray('a', 'old-pin'), tray('b', 'new-pin')] },
    [{ path: 'spec.trays[name=b]', after: { name: 'b', dish: MASK, host: 'h' } }],
  ],
  [
    'in an added parent',
    'spec.door.pin',
    { a: 1 },
    { a: 1, door: { pin: 'new-pin', open: true } },
    [{ path: 'spec.door', after: { pin: MASK, open: true } }],
  ],
  [
    'a map, whose keys stay readable',
    'spec.door',
    { door: { pin: 'old-pin', deep: { a: 'old-pin' } } },
    { door: { pin: 'new-pin', deep: { a: 'new-pin' } } },
    [
      { path: 'spec.door.pin', before: MASK, after: MASK },
      { path: 'spec.door.deep', before: MASK, after: MASK },
    ],
  ],
  [
    'a whole list',
    'spec.trays',
    { trays: [tray('old-pin', 'x')] },
    { trays: [tray('new-pin', 'y')] },
    [{ path: 'spec.trays', before: MASK, after: MASK }],
  ],
  [
    'the key of the entries of a list',
    'spec.trays[*].name',
    { trays: [{ name: 'old-pin', dish: 'cake' }] },
    { trays: [{ name: 'old-pin', dish: 'pie' }] },
    [{ path: 'spec.trays[0].dish', before: 'cake', after: 'pie' }],
  ],
  [
    'an entry by its index',
    'spec.args[1]',
    { args: ['--pin', 'old-pin'] },
    { args: ['--pin', 'new-pin'] },
    [{ path: 'spec.args[1]', before: MASK, after: MASK }],
  ],
])('shows that a masked value is %s without showing the value', (_, path, before, after, expected) => {
  const changes = diffObjects(oven(before), oven(after), masking(path));
  expect(changes).toEqual(expected.map((change) => ({ before: undefined, after: undefined, ...change })));
  expect(JSON.stringify(changes)).not.toMatch(/(old|new)-pin|471/);
});

test('two rules on overlapping fields hide both', () => {
  const masks = masking('spec.door.pin', 'spec.door', 'spec.door.pin');
  const changes = diffObjects(oven({ door: { pin: 'a1' } }), oven({ door: { pin: 'b2' } }), masks);
  expect(changes).toEqual([{ path: 'spec.door.pin', before: MASK, after: MASK }]);
});

test("masks kubectl's copy of an object with a masked field", () => {
  const applied = { 'kubectl.kubernetes.io/last-applied-configuration': '{"spec":{"pin":"old-pin"}}' };
  const before = oven({ pin: 'old-pin' }, { metadata: { annotations: applied } });
  const changes = diffObjects(before, oven({ pin: 'old-pin' }), masking('spec.pin'));
  expect(changes).toHaveLength(1);
  expect(JSON.stringify(changes)).not.toContain('old-pin');
});

test('masks Secrets whatever the rules are', () => {
  const secret = (a: string): KubeObject => ({ apiVersion: 'v1', kind: 'Secret', metadata: {}, data: { a } });
  expect(diffObjects(secret('b2xk'), secret('bmV3'), masking('spec.pin'))).toEqual([
    { path: 'data.a', before: MASK, after: MASK },
  ]);
});

const pem = 'first line of it\nsecond line of it';

test.each<[string, JsonObject, string, string]>([
  ['unchanged', { pin: 'old-pin' }, 'saw old-pin there', 'saw *** there'],
  ['as a number', { pin: 4711 }, 'saw 4711 there', 'saw *** there'],
  ['within a map', { pin: { a: ['old-pin'] } }, 'saw old-pin there', 'saw *** there'],
  ['on one line', { pin: pem }, `saw ${pem.replace('\n', ' ')} there`, 'saw *** there'],
  ['as JSON', { pin: pem }, `saw ${JSON.stringify(pem)} there`, 'saw "***" there'],
  ['by one of its lines', { pin: pem }, 'saw second line of it there', 'saw *** there'],
  ['cut off', { pin: pem }, 'saw first line o…', 'saw ***…'],
  ['encoded', { pin: 'battery' }, 'saw YmF0dGVyeQ== there', 'saw *** there'],
  ['decoded', { pin: Buffer.from('battery').toString('base64') }, 'saw battery there', 'saw *** there'],
])('a masked value is hidden in a message %s', (_, spec, message, shown) => {
  expect(masking('spec.pin').text(message, oven(spec))).toBe(shown);
  expect(createMasks().text(message, oven(spec))).toBe(message);
});

test('removes what the API server quotes of an object with a masked field, including old values', () => {
  const masks = masking('spec.pin');
  const said =
    'spec.pin: Invalid value: "x": field is immutable, was old-pin; spec.size: Invalid value: 70000: too large';
  expect(redact(said, masks, oven({ pin: 'new-pin' }), oven({ pin: 'old-pin' }))).toBe(
    'spec.pin: field is immutable, was ***; spec.size: too large',
  );
});

test("a repository's health rule cannot read masked fields", () => {
  const rules = [
    { kind: 'Oven.example.com', healthy: 'spec.pin == "old-pin"', message: '"pin " + spec.pin' },
  ];
  const live = oven({ pin: 'old-pin' });
  expect(createHealthEvaluator(rules)(live)).toMatchObject({ state: 'healthy', message: 'pin old-pin' });
  const verdict = createHealthEvaluator(rules, masking('spec.pin'))(live);
  expect(verdict.state).toBe('progressing');
  expect(verdict.message).not.toContain('old-pin');
});

test('the summary of a wait does not show masked values', () => {
  const conditions = [{ type: 'Ready', status: 'False', reason: 'Bad', message: 'pin old-pin is wrong' }];
  const live = oven({ pin: 'old-pin' }, { status: { conditions } });
  const board = createBoard(
    [{ ref: refOf(live), path: '/x', live, created: true }],
    0,
    createHealthEvaluator(),
    masking('spec.pin'),
  );
  expect(board.summary()).toContain('pin *** is wrong');
});
