import { expect, test } from 'vitest';
import { createAdmission } from '../../../src/policy/admission.ts';
import { operator } from './operator.ts';

const admission = createAdmission(
  operator({
    lending: { repositories: ['github/acme/loan-*', 'github/acme/infra', 'gitlab/acme/shared'] },
    other: { repositories: ['github/other/*', 'gitlab/acme/shared'] },
  }),
);

test.each(['github/acme/infra', 'github/acme/loan-x', 'github/acme/loan-web'])(
  'apps may wait for those of %s, of the same project',
  (repository) => {
    expect(() => admission.admitDependency('github/acme/loan-web', repository)).not.toThrow();
  },
);

test.each([
  ['another project', 'github/other/secret'],
  ['no project', 'github/nobody/thing'],
  ['two projects', 'gitlab/acme/shared'],
  ['a forge that is not there', 'ghe/acme/infra'],
])('refuses a repository of %s without revealing whether it exists', (_, repository) => {
  expect(() => admission.admitDependency('github/acme/loan-web', repository)).toThrow(
    expect.objectContaining({
      code: 'RULE_REFUSED',
      message: `${repository} is not a repository of project "lending"`,
      hint: expect.stringContaining('projects.lending.repositories'),
    }),
  );
});

test('refuses every dependency of a repository without a project', () => {
  expect(() => admission.admitDependency('github/nobody/thing', 'github/acme/infra')).toThrow(
    'no project of server.yaml allows repository github/nobody/thing',
  );
});
