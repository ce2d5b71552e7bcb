import { expect, test } from 'vitest';
import { refKey } from '../../../src/model/object.ts';
import { takeoverRightOf } from '../../../src/release/takeover.ts';
import { aTarget } from '../../support/targets.ts';

const run = { revision: 7, fencingToken: 'token' };

type Ports = Parameters<typeof takeoverRightOf>[1];

const owner = aTarget({ app: 'shop' });
const target = aTarget({ app: 'jobs' });
const refOf = (name: string) => ({ group: '', version: 'v1', kind: 'ConfigMap', namespace: 'loans', name });

/** An owner that renders only ConfigMap `kept`, and what was written about the takeover. */
function ownerThatStays() {
  const written: string[] = [];
  let reads = 0;
  const ports = {
    admission: { isSameProject: () => true },
    successors: {
      refused: async () => void written.push('refused'),
      takesSome: async () => void written.push('takes some'),
    },
    releases: {
      async record() {
        reads += 1;
        return { target: owner, desired: { commit: 'abc', contentKey: 'key', revision: 3 } };
      },
    },
    desiredObjects: { of: async () => new Map([[refKey(refOf('kept')), { file: 'kept.yaml' }]]) },
  } as unknown as Ports;
  return { ports, written, reads: () => reads };
}

test('the owner is read once per run, however many of its objects move', async () => {
  const { ports, written, reads } = ownerThatStays();
  const right = takeoverRightOf({ target, run }, ports);
  const rights = await Promise.all(['kept', 'a', 'b'].map((name) => right(owner.id, refOf(name))));
  expect(rights).toEqual(['active', 'granted', 'granted']);
  expect(await right(owner.id, refOf('c'))).toBe('granted');
  expect(reads()).toBe(1);
  expect(written).toEqual(['refused', 'takes some']);
});

test('no takeover is recorded before an object may be taken over, and none by a plan', async () => {
  const release = ownerThatStays();
  await takeoverRightOf({ target, run }, release.ports)(owner.id, refOf('kept'));
  expect(release.written).toEqual(['refused']);
  const plan = ownerThatStays();
  expect(await takeoverRightOf({ target }, plan.ports)(owner.id, refOf('a'))).toBe('granted');
  expect(plan.written).toEqual([]);
});
