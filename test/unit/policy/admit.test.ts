import { expect, test } from 'vitest';
import { SlipwayError } from '../../../src/errors.ts';
import type { Target } from '../../../src/model/target.ts';
import { createAdmission } from '../../../src/policy/admission.ts';
import { operator, targetWith } from './operator.ts';

test('admits a target that the rule allows, with the account of the rule', () => {
  expect(createAdmission(operator()).admit(targetWith())).toEqual({
    impersonate: 'system:serviceaccount:loans:deployer',
    createNamespaces: false,
    maxPruneShare: 1,
    mask: operator().projects.lending?.mask,
  });
});

test.each<[string, Partial<Target>]>([
  ['a namespace by its pattern', { namespace: 'loan-7' }],
  ['a repository by its pattern', { repository: 'github/acme/loan-x' }],
  ['a branch by its pattern', { cluster: 'staging', branch: 'release/1' }],
  [
    'any namespace if the rule allows all',
    { cluster: 'staging', branch: 'staging', namespace: 'kube-system' },
  ],
])('admits %s', (_, more) => {
  expect(() => createAdmission(operator()).admit(targetWith(more))).not.toThrow();
});

test.each<[string, Partial<Target>, string, string]>([
  [
    'a repository of no project',
    { repository: 'github/acme/x' },
    'no project of server.yaml allows',
    'projects.<name>.repositories',
  ],
  ['a cluster that does not exist', { cluster: 'nowhere' }, 'has no cluster "nowhere"', 'prod, staging'],
  [
    'a cluster without a rule',
    { cluster: 'unruled' },
    'may not deploy to cluster unruled',
    'projects.lending.clusters.unruled',
  ],
  [
    'a branch of another cluster',
    { branch: 'staging' },
    'branch staging may not be deployed to cluster prod',
    'projects.lending.clusters.prod.branches',
  ],
  ['a branch with the same beginning', { branch: 'main2' }, 'branch main2 may not', 'Allowed are main'],
  [
    'a branch below a pattern',
    { cluster: 'staging', branch: 'release/1/2' },
    'branch release/1/2 may not',
    'release/*',
  ],
  [
    'another namespace',
    { namespace: 'data' },
    'may not write to namespace data of cluster prod',
    'Allowed are loans, loan-*',
  ],
  [
    'a namespace with the same end',
    { namespace: 'my-loans' },
    'may not write to namespace my-loans',
    'projects.lending.clusters.prod.namespaces',
  ],
  [
    "Slipway's own namespace, although the pattern matches",
    { cluster: 'staging', branch: 'staging', namespace: 'deployer' },
    "namespace deployer is Slipway's own",
    'Choose another',
  ],
])('refuses %s with the rule and what to do', (_, more, message, remedy) => {
  const error = refusalOf(() => createAdmission(operator()).admit(targetWith(more)));
  expect(error.code).toBe('RULE_REFUSED');
  expect(error.message).toContain(message);
  expect(error.hint).toContain(remedy);
});

test("treats another cluster's state namespace as any other namespace", () => {
  const more = { cluster: 'staging', branch: 'staging', namespace: 'slipway' };
  expect(() => createAdmission(operator()).admit(targetWith(more))).not.toThrow();
});

function refusalOf(run: () => unknown): SlipwayError {
  try {
    run();
  } catch (error) {
    if (error instanceof SlipwayError) return error;
  }
  throw new Error('nothing was refused');
}

test('lists every reason at once, and none for a target that is admitted', () => {
  const admission = createAdmission(operator());
  const refusals = admission.refusals(targetWith({ branch: 'x', namespace: 'data' }));
  expect(refusals.map(({ message }) => message)).toEqual([
    'web@production: branch x may not be deployed to cluster prod',
    'web@production: project "lending" may not write to namespace data of cluster prod',
  ]);
  expect(admission.refusals(targetWith({ cluster: 'nowhere' }))).toMatchObject([{ code: 'RULE_REFUSED' }]);
  expect(admission.refusals(targetWith())).toEqual([]);
});
