import { expect, test } from 'vitest';
import { parseSlipwayConfig, readSlipwayConfig } from '../../../src/config/parse-slipway.ts';
import { describeFailure } from '../../../src/model/describe-failure.ts';

const two = (body: string, rest = '') =>
  `version: 1\nenvironments:\n  prod: { ${body} }\n  dev: { branch: dev, cluster: c, namespace: n }\n${rest}`;

test.each([
  ['an unknown key', 'branch: main, cluster: c, clutser: d', 'main', 'did you mean "cluster"'],
  ['a missing cluster', 'branch: main', 'main', 'environments.prod.cluster is missing'],
  ['a bad branch name', 'branch: "a..b", cluster: c', undefined, 'is not the name of a branch'],
  ['a misspelt branch', 'brnach: main, cluster: c', undefined, 'did you mean "branch"'],
  ['an invalid namespace', 'branch: main, cluster: c, namespace: A_B', 'main', 'is not a valid namespace'],
])('holds only the environment with %s', (_, body, branch, message) => {
  const config = parseSlipwayConfig(two(body));

  expect(Object.keys(config.environments)).toEqual(['dev']);
  expect(Object.keys(config.held)).toEqual(['prod']);
  expect(config.held.prod?.branch).toBe(branch);
  expect(config.held.prod?.failures.map((failure) => describeFailure(failure))).toContainEqual(
    expect.stringContaining(message),
  );
  expect(config.held.prod?.failures[0]?.place).toEqual({ file: 'slipway.yaml', line: 3 });
});

test.each([
  ['another mistake', two('branch: main', 'unknown: 1'), 'unknown key "unknown"'],
  ['an app with a mistake', two('branch: main', 'apps: { web: {} }'), 'environments.prod.cluster is missing'],
  ['the name of an environment', two('branch: main, cluster: c').replace('prod', 'Prod'), 'not a valid name'],
])('refuses the whole file for %s', (_, text, message) => {
  const result = readSlipwayConfig(text);
  const errors = 'errors' in result ? result.errors.map((error) => error.message) : [];
  expect(errors).toContainEqual(expect.stringContaining(message));
});
