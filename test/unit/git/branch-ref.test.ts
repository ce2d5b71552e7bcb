import { describe, expect, it } from 'vitest';
import { branchRef, isCommitId } from '../../../src/git/branch-ref.ts';

describe('the ref of a branch in the mirror', () => {
  it('has one segment and differs for every branch', () => {
    const names = ['a', 'a/b', 'a%2Fb', 'x'.repeat(240), `${'x'.repeat(239)}y`];

    const refs = names.map(branchRef);

    expect(new Set(refs).size).toBe(names.length);
    for (const ref of refs) expect(ref).toMatch(/^refs\/slipway\/heads\/[^/]{1,200}$/);
  });
});

describe('a commit id', () => {
  it.each([
    ['a'.repeat(40), true],
    ['0'.repeat(64), true],
    ['main', false],
    ['A'.repeat(40), false],
    [`${'a'.repeat(39)}\n`, false],
  ])('%j: %s', (text, expected) => {
    expect(isCommitId(text)).toBe(expected);
  });
});
