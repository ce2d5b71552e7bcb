import { expect, test } from 'vitest';
import { needsSandbox } from '../../support/needs-sandbox.ts';

test.each([
  { args: [], needed: true },
  { args: ['test/unit'], needed: false },
  { args: ['test/unit/render', './test/unit/git'], needed: false },
  { args: ['test/unit', '-t', 'a name'], needed: true },
  { args: ['--project=unit'], needed: false },
  { args: ['--project', 'unit'], needed: false },
  { args: ['test/unit', 'test/e2e'], needed: true },
  { args: ['test/unit-of-something'], needed: true },
  { args: ['test/integration/kube'], needed: true },
])('a run of $args needs the sandbox: $needed', ({ args, needed }) => {
  expect(needsSandbox(args)).toBe(needed);
});
