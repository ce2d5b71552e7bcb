import { describe, expect, it } from 'vitest';
import { branchRef, isBranchName, isCommitId } from '../../../src/git/branch-ref.ts';

describe('a branch name', () => {
  it.each(['main', 'feature/x', 'release-1.2', 'grüße', 'a@b', 'x'.repeat(244)])('%s is one', (name) => {
    expect(isBranchName(name)).toBe(true);
  });

  it.each([
    '',
    '-x',
    'a..b',
    'a b',
    'a:b',
    'a~1',
    'a^',
    'a*',
    'a?',
    'a[',
    'a\\b',
    '/a',
    'a/',
    'a//b',
    '.a',
    'a/.b',
    'a.lock',
    'a.',
    '@',
    'a@{1}',
    'a\nb',
    'a\u0000b',
  ])('%j is none', (name) => {
    expect(isBranchName(name)).toBe(false);
  });

  it('has one ref of one segment, different for every branch', () => {
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
