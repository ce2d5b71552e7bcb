import { expect, test } from 'vitest';
import {
  isAllowed,
  isSameProject,
  literalRepositories,
  projectOf,
  whyNotAllowed,
  whyNotHeard,
} from '../../../src/policy/allowed-repositories.ts';
import { operator } from './operator.ts';

test.each([
  ['github/acme/infra', ['github/acme/infra'], true],
  ['github/acme/infra', ['github/acme/other'], false],
  ['github/acme/infra', [], false],
  ['github/acme/loan-service', ['github/acme/loan-*'], true],
  ['github/acme/loan-', ['github/acme/loan-*'], true],
  ['github/acme/loans', ['github/acme/loan-*'], false],
  ['github/evil/loan-service', ['github/acme/loan-*'], false],
  ['gitlab/acme/loan-service', ['github/acme/loan-*'], false],
  ['gitlab/acme/team/app', ['gitlab/acme/*'], false],
  ['gitlab/acme/team/app', ['gitlab/acme/*/*'], true],
  ['gitlab/acme/team/deep/app', ['gitlab/acme/**'], true],
  ['gitlab/acmeevil/app', ['gitlab/acme/**'], false],
  ['gitlab/acme', ['gitlab/acme/**'], false],
  ['github/acme/.github', ['github/acme/*'], true],
  ['github/acme/a', ['github/*/*'], true],
  ['github/acme/a/b', ['github/*/*'], false],
  ['github/ACME/infra', ['github/acme/infra'], false],
  ['unknown/acme/infra', ['unknown/acme/infra'], false],
])('%s with %j is allowed: %s', (repository, repositories, allowed) => {
  const rules = operator({ lending: { repositories } });
  expect(isAllowed(rules, repository)).toBe(allowed);
  expect(whyNotAllowed(rules, repository) === undefined).toBe(allowed);
});

test.each([
  'github/acme/../evil',
  'github/../acme/infra',
  'github/acme/..',
  'github/acme/.',
  'github/./infra',
  'github/acme/infra/',
  'github//infra',
  '/github/acme/infra',
  'github/acme',
  'github',
  '',
  'github/acme/in fra',
  'github/acme/infra\n',
  'github/acme/infra\u0000',
  'github\\acme\\infra',
  'github/acme/infra?x',
  'github/acme/*',
  'constructor/acme/infra',
])('%j does not match even the widest pattern', (repository) => {
  expect(
    isAllowed(operator({ all: { repositories: ['github/**', '**', '*/*/*', repository] } }), repository),
  ).toBe(false);
});

test.each([
  '!github/acme/secret',
  'github/acme/{a,infra}',
  'github/acme/@(infra)',
  'github/acme/[i]nfra',
  'github/acme/inf.a',
])('the pattern %s only matches itself', (pattern) => {
  expect(isAllowed(operator({ all: { repositories: [pattern] } }), 'github/acme/infra')).toBe(false);
});

test('allows no repository without projects', () => {
  expect(whyNotAllowed(operator({}), 'github/acme/infra')).toBe(
    'no project of server.yaml allows repository github/acme/infra',
  );
});

test('refuses a repository that matches two projects', () => {
  const rules = operator({ lending: {}, wide: { repositories: ['github/acme/*'] } });
  expect(() => projectOf(rules, 'github/acme/infra')).toThrow(
    'repository github/acme/infra matches two projects, "lending" and "wide"',
  );
  expect(isAllowed(rules, 'github/acme/infra')).toBe(false);
  expect(projectOf(rules, 'github/acme/other').name).toBe('wide');
});

test('lists the names without a pattern, each once', () => {
  const rules = operator({ lending: {}, b: { repositories: ['github/acme/infra', 'gitlab/acme/team/app'] } });
  expect(literalRepositories(rules)).toEqual(['github/acme/infra', 'gitlab/acme/team/app']);
});

test.each<[string, string, string, boolean]>([
  ['both of one project', 'github/acme/loan-a', 'gitlab/acme/loan-b', true],
  ['of two projects', 'github/acme/loan-a', 'github/acme/shop', false],
  ['one of none', 'github/acme/loan-a', 'github/acme/stranger', false],
  ['both of none', 'github/acme/stranger', 'github/acme/other', false],
  ['one of two projects at once', 'github/acme/loan-a', 'github/acme/loan-shop', false],
])('repositories share a project: %s', (_, one, other, shared) => {
  const rules = operator({
    lending: { repositories: ['github/acme/loan-*', 'gitlab/acme/loan-*'] },
    shop: { repositories: ['github/acme/shop', 'github/acme/loan-shop'] },
  });
  expect(isSameProject(rules, one, other)).toBe(shared);
  expect(isSameProject(rules, other, one)).toBe(shared);
});

test.each<[string, string, string | undefined, boolean]>([
  ['its own repository', 'github/acme/shop', 'shop', true],
  ['a repository of another project', 'github/acme/loan-a', 'shop', false],
  ['a repository of no project', 'github/acme/stranger', 'shop', false],
  ['a repository that another project may also be meant by', 'github/acme/loan-shop', 'shop', false],
  ['a repository of a project without secrets', 'github/acme/loan-a', undefined, true],
  ['a repository of no project, to be recorded as refused', 'github/acme/stranger', undefined, true],
  ['a repository of a project with secrets of its own', 'github/acme/shop', undefined, false],
])('%s: %s is heard from a secret of %s: %s', (_, repository, signer, heard) => {
  const rules = operator({
    lending: { repositories: ['github/acme/loan-*'] },
    shop: { repositories: ['github/acme/shop', 'github/acme/loan-shop'], webhookSecrets: ['x'] },
  });
  expect(whyNotHeard(rules, repository, signer) === undefined).toBe(heard);
});
