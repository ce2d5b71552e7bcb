import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { isBranchName } from '../../../src/model/branch-name.ts';

/** What git itself says; it cannot be asked about a name with a NUL. */
function gitTakes(name: string): boolean {
  try {
    execFileSync('git', ['check-ref-format', '--branch', name], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const names = [
  'main',
  'feature/x',
  'release-1.2',
  'feature%2Fx',
  'umgebung/größe-生产',
  'a+b&c=d',
  'release/1.0#hot-fix',
  'a@b',
  '!important',
  "it's",
  '"quoted"',
  '(a|b)',
  '{a,b}',
  '$HOME',
  '_x',
  'a.b.c',
  'a-',
  'HEAD/x',
  '',
  'HEAD',
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
  'a.lock/b',
  'a.',
  'a@{1}',
  'a\nb',
  'a\u007fb',
];

it.each(names)('%j is a branch name exactly if git says so', (name) => {
  expect(isBranchName(name)).toBe(gitTakes(name));
});

it.each(['@', 'a\u0000b', '\ud800', 'x'.repeat(1001), 'a\u0085b'])(
  '%j is none, whatever git says',
  (name) => {
    expect(isBranchName(name)).toBe(false);
  },
);
