import { expect, test } from 'vitest';
import { type Written, withDone, writtenVersion } from '../../../../src/kube/inventory/written.ts';
import type { ObjectRef } from '../../../../src/model/object.ts';

const maps = { group: '', kind: 'ConfigMap', namespace: 'loans' };
const ref: ObjectRef = { ...maps, version: 'v1', name: 'a' };
const nothing = { listed: [], applied: [], pruned: [] };
const at = (version: string) => ({
  ref,
  live: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', resourceVersion: version } },
});
const versionIn = (written: Written) => writtenVersion(written, maps);

test('a collection is known up to the highest version that was applied', () => {
  expect(versionIn(withDone({}, { ...nothing, applied: [at('7'), at('5')] }))).toBe(7);
});

test('an older object that is left does not lower the version that an earlier release wrote', () => {
  const before = withDone({}, { ...nothing, applied: [at('7')] });
  expect(versionIn(withDone(before, { ...nothing, applied: [at('5')] }))).toBe(7);
});

test('a collection that was pruned is unknown until a release has listed it', () => {
  const pruned = withDone({}, { ...nothing, applied: [at('7')], pruned: [ref] });
  expect(versionIn(pruned)).toBeNaN();
  expect(versionIn(withDone(pruned, { ...nothing, applied: [at('7')] }))).toBeNaN();
  expect(
    versionIn(withDone(pruned, { ...nothing, listed: [{ ...maps, version: 9 }], applied: [at('7')] })),
  ).toBe(9);
});

test('a list does not change what is known of a collection that was not pruned', () => {
  const before = withDone({}, { ...nothing, applied: [at('7')] });
  expect(versionIn(withDone(before, { ...nothing, listed: [{ ...maps, version: 9 }] }))).toBe(7);
});

test('a version that is no number makes the collection unknown', () => {
  expect(versionIn(withDone({}, { ...nothing, applied: [at('abc')] }))).toBeNaN();
});
