import { expect, test } from 'vitest';
import { parseSlipwayConfig, readSlipwayConfig } from '../../../src/config/parse-slipway.ts';
import { SlipwayError } from '../../../src/errors.ts';
import { describeFailure } from '../../../src/model/describe-failure.ts';

const example = `version: 1
environments:
  production: { branch: main, cluster: prod, namespace: "{app}" }
  staging:    { branch: staging, cluster: staging, namespace: loans }
apps:
  loan-service:
    path: deploy/loan-service/{environment}
    dependsOn: [database]
  database:
    path: charts/postgres
    namespace: data
    environments: [production]
    timeout: 90s
    failFast: 1m
    helm: { releaseName: pg, values: ["values.yaml", "values-{environment}.yaml"] }
  "*": { path: "services/{app}/overlays/{environment}" }
`;

test('reads the example of the documentation with every default', () => {
  const config = parseSlipwayConfig(example);
  expect(config.environments).toEqual({
    production: { name: 'production', branch: 'main', cluster: 'prod', namespace: '{app}', line: 3 },
    staging: {
      name: 'staging',
      branch: 'staging',
      cluster: 'staging',
      namespace: 'loans',
      line: 4,
    },
  });
  expect(Object.keys(config.apps)).toEqual(['loan-service', 'database', '*']);
  expect(config.apps['loan-service']).toMatchObject({ timeoutMs: 300_000, failFastMs: 30_000, line: 6 });
  expect(config.apps.database).toMatchObject({
    timeoutMs: 90_000,
    failFastMs: 60_000,
    helm: { releaseName: 'pg', values: ['values.yaml', 'values-{environment}.yaml'] },
  });
});

test('accepts a file of another branch without environments', () => {
  expect(parseSlipwayConfig('version: 1\napps: { web: { path: web } }').environments).toEqual({});
});

test('resolves anchors and merge keys', () => {
  const config = parseSlipwayConfig(`version: 1
environments: { prod: &e { branch: main, cluster: c, namespace: n }, canary: { <<: *e, namespace: m } }
`);
  expect(config.environments.canary).toMatchObject({ branch: 'main', cluster: 'c', namespace: 'm' });
});

test('finds nothing under names that every object has', () => {
  const config = parseSlipwayConfig('version: 1');
  expect(config.apps.constructor).toBeUndefined();
  expect(config.environments.toString).toBeUndefined();
});

const app = (body: string) => `version: 1\napps:\n  web: { ${body} }`;
const environment = (body: string) => `version: 1\nenvironments:\n  prod: { ${body} }`;

test.each([
  ['an empty file', '', 'slipway.yaml: the file must be a group of keys'],
  ['a list', '- a', 'slipway.yaml:1: the file must be a group of keys'],
  ['broken YAML', 'version: 1\napps: {', 'slipway.yaml:2: Flow map'],
  ['a tab', 'version: 1\napps:\n\tweb: x', 'slipway.yaml:3: '],
  ['two documents', 'version: 1\n---\nversion: 1', 'slipway.yaml:2: Source contains multiple documents'],
  ['no version', 'apps: {}', 'slipway.yaml:1: version is missing'],
  ['another version', 'version: 2', 'slipway.yaml:1: version must be 1'],
  ['a version in quotes', 'version: "1"', 'slipway.yaml:1: version must be 1'],
  ['a misspelt key', 'version: 1\napp: {}', 'slipway.yaml:2: unknown key "app"; did you mean "apps"?'],
  [
    'a key far from every other',
    'version: 1\nkubernetes: {}',
    'slipway.yaml:2: unknown key "kubernetes"; possible are version, environments, apps, health',
  ],
  [
    'a misspelt key of an app',
    app('path: x, dependson: []'),
    'slipway.yaml:3: apps.web: unknown key "dependson"; did you mean "dependsOn"?',
  ],
  [
    'a misspelt key of an environment',
    environment('branch: main, clutser: c'),
    'slipway.yaml:3: environments.prod: unknown key "clutser"; did you mean "cluster"?',
  ],
  [
    'the same key twice',
    'version: 1\napps:\n  web: { path: x }\n  web: { path: y }',
    'slipway.yaml:4: key "web" is defined twice; it is also at line 3',
  ],
  ['an app without body', 'version: 1\napps:\n  web:', 'slipway.yaml:3: apps.web must be a group of keys'],
  ['an app without path', app('namespace: x'), 'slipway.yaml:3: apps.web.path is missing'],
  [
    'a name in capitals',
    'version: 1\napps:\n  Web: { path: x }',
    'slipway.yaml:3: apps.Web is not a valid name of an app',
  ],
  [
    'an app called ..',
    'version: 1\napps:\n  "..": { path: x }',
    'slipway.yaml:3: apps... is not a valid name of an app',
  ],
  [
    'a partial pattern',
    'version: 1\napps:\n  "web-*": { path: x }',
    'slipway.yaml:3: apps.web-* is not a valid name of an app',
  ],
  [
    'an environment with a slash',
    'version: 1\nenvironments:\n  a/b: { branch: m, cluster: c }',
    'slipway.yaml:3: environments.a/b is not a valid name',
  ],
  [
    'a number for a branch',
    environment('branch: 1.0, cluster: c'),
    'slipway.yaml:3: environments.prod.branch must be a text; put it in quotes',
  ],
  [
    'a branch that is an option of git',
    environment('branch: --upload-pack=x, cluster: c'),
    'slipway.yaml:3: environments.prod.branch is not the name of a branch',
  ],
  [
    'a full ref',
    environment('branch: refs/heads/main, cluster: c'),
    'environments.prod.branch must be the name of a branch, without refs/heads/',
  ],
  [
    'a branch with ..',
    environment('branch: a..b, cluster: c'),
    'environments.prod.branch is not the name of a branch',
  ],
  [
    'a branch with a glob',
    environment('branch: release/*, cluster: c'),
    'environments.prod.branch is not the name of a branch',
  ],
  [
    'a rollback, which is not available yet',
    environment('branch: m, cluster: c, rollback: automatic'),
    'slipway.yaml:3: environments.prod.rollback is not available yet: remove it. After a failed release, revert the commit',
  ],
  [
    'a rollback without a value',
    environment('branch: m, cluster: c, rollback: null'),
    'slipway.yaml:3: environments.prod.rollback is not available yet: remove it',
  ],
  [
    'a namespace in capitals',
    environment('branch: m, cluster: c, namespace: Loans'),
    'slipway.yaml:3: "Loans" is not a valid namespace',
  ],
  [
    'a misspelt placeholder',
    environment('branch: m, cluster: c, namespace: "{ap}"'),
    'namespace: unknown placeholder {ap}; did you mean "app"?',
  ],
  ['an absolute path', app('path: /etc'), 'slipway.yaml:3: path "/etc" leaves the repository'],
  ['a path with ..', app('path: a/../../b'), 'path "a/../../b" leaves the repository'],
  ['a path with .. that stays inside', app('path: a/../b'), 'path "a/../b" leaves the repository'],
  ['a path with a backslash', app('path: "a\\\\b"'), 'leaves the repository'],
  ['an empty path', app('path: ""'), 'apps.web.path is empty'],
  ['a path with half a brace', app('path: "a/{app"'), 'path: an unmatched brace'],
  ['a path with an unknown placeholder', app('path: "a/{cluster}"'), 'path: unknown placeholder {cluster}'],
  [
    'a pattern without {app}',
    'version: 1\napps:\n  "*": { path: services }',
    'slipway.yaml:3: the path of "*" needs {app} exactly once',
  ],
  [
    'a pattern with {app} twice',
    'version: 1\napps:\n  "*": { path: "{app}/{app}" }',
    'the path of "*" needs {app} exactly once',
  ],
  [
    'a values file outside',
    app('path: a/b, helm: { values: [../../../x] }'),
    'values file "../../../x" leaves the repository',
  ],
  [
    'an absolute values file',
    app('path: a, helm: { values: [/etc/passwd] }'),
    'values file "/etc/passwd" leaves the repository',
  ],
  [
    'a release name in capitals',
    app('path: a, helm: { releaseName: Web }'),
    '"Web" is not a valid release name',
  ],
  [
    'another renderer',
    app('path: a, renderer: cue'),
    'apps.web.renderer must be plain, kustomize, helm or jsonnet',
  ],
  [
    'a number for a duration',
    app('path: a, timeout: 30'),
    'apps.web.timeout must be a duration such as 30s, 3m or 1h',
  ],
  ['a duration without unit', app('path: a, failFast: "30"'), 'apps.web.failFast must be a duration'],
  ['no environments for an app', app('path: a, environments: []'), 'apps.web.environments'],
  [
    'an unknown dependency',
    'version: 1\napps:\n  web: { path: a, dependsOn: [databse] }\n  database: { path: b }',
    'slipway.yaml:3: unknown app "databse"; did you mean "database"?',
  ],
  ['a dependency on itself', app('path: a, dependsOn: [web]'), 'app "web" depends on itself'],
  [
    'more dependencies than anybody needs',
    app(`path: a, dependsOn: [${Array.from({ length: 101 }, (_, index) => `app-${index}`).join(', ')}]`),
    'apps.web.dependsOn has more than 100 entries',
  ],
  [
    'a dependency cycle',
    'version: 1\napps:\n  a: { path: a, dependsOn: [b] }\n  b: { path: b, dependsOn: [c] }\n  c: { path: c, dependsOn: [a] }',
    'slipway.yaml:3: apps depend on one another in a cycle: a → b → c → a',
  ],
  [
    'a dependency cycle through the pattern',
    'version: 1\napps:\n  a: { path: a, dependsOn: [found] }\n  "*": { path: "s/{app}", dependsOn: [a] }',
    'apps depend on one another in a cycle: a → * → a',
  ],
  [
    'two of the pattern that all wait for',
    'version: 1\napps:\n  "*": { path: "s/{app}", dependsOn: [x, y] }',
    'apps depend on one another in a cycle: * → *',
  ],
  [
    'notifications, which are not available yet',
    'version: 1\nnotifications:\n  - { slack: "#a", on: [failed] }',
    'slipway.yaml:2: notifications is not available yet: remove it. Each commit has the status of its releases.',
  ],
  [
    'a health rule of no kind',
    health('oven: { healthy: "true" }'),
    'health.oven is not a kind: write Kind.group',
  ],
  ['a health rule for everything', health('"*": { healthy: "true" }'), 'health.* is not a kind'],
  ['a health rule with an unknown key', health('Oven: { helthy: "true" }'), 'did you mean "healthy"?'],
  ['a health rule without a verdict', health('Oven: { message: "\'hot\'" }'), 'health.Oven needs one of'],
  [
    'an expression that cannot be read',
    health('Oven.example.com:\n    healthy: status.phase == "Hot" &&'),
    'slipway.yaml:4: health.Oven.example.com.healthy: cannot be read: found &; what follows && cannot be parsed, at character 23',
  ],
  [
    'an unknown variable, in an expression of several lines',
    health('Oven:\n    healthy: |\n      has(status.phase) &&\n      stats.phase == "Hot"'),
    'slipway.yaml:4: health.Oven.healthy: unknown variable "stats"; did you mean "status"?, ' +
      'at line 2, character 1 of the expression',
  ],
  [
    'a message that calls what there is not',
    health('Oven: { healthy: "true", message: status.phase.upper() }'),
    'health.Oven.message: unknown function "upper", at character 13',
  ],
  [
    'more health rules than anybody needs',
    health(Array.from({ length: 51 }, (_, index) => `Oven${index}: { healthy: "true" }`).join('\n  ')),
    'slipway.yaml:2: health has more than 50 rules',
  ],
  [
    'expressions without end',
    health(
      Array.from({ length: 20 }, (_, index) => `Oven${index}: { healthy: "'${'x'.repeat(900)}'" }`).join(
        '\n  ',
      ),
    ),
    'the expressions of health have more than 16384 characters',
  ],
])('%s is refused with file, line and key', (_, text, message) => {
  expect(thrown(text)).toContain(message);
});

test('accepts a pattern whose apps all depend on one of them', () => {
  const text = 'version: 1\napps:\n  "*": { path: "s/{app}", dependsOn: [base] }';
  expect(parseSlipwayConfig(text).apps['*']?.dependsOn).toEqual([{ app: 'base', line: 3 }]);
});

test('a dependency names an app of the file, or one of another repository and perhaps its environment', () => {
  const { apps } = parseSlipwayConfig(`version: 1
apps:
  web:
    path: web
    dependsOn:
      - database
      - github/acme/infra//postgres
      - gitlab/acme/group/cache//redis@prod
  database: { path: database }
`);
  expect(apps.web?.dependsOn).toEqual([
    { app: 'database', line: 6 },
    { app: 'postgres', repository: 'github/acme/infra', line: 7 },
    { app: 'redis', repository: 'gitlab/acme/group/cache', environment: 'prod', line: 8 },
  ]);
});

test.each([
  'acme//postgres',
  'github/acme//postgres',
  'github/acme/infra/postgres',
  'github/acme/infra//Postgres',
  'github/acme/../infra//postgres',
  'github/acme/infra//postgres@',
  'github/acme/infra//postgres@Prod',
  'github/acme/infra//*',
  'postgres@prod',
  'github/acme/in fra//postgres',
])('a dependency on %s is refused', (dependency) => {
  expect(thrown(`version: 1\napps:\n  web:\n    path: a\n    dependsOn: [b, "${dependency}"]`)).toContain(
    'slipway.yaml:5: apps.web.dependsOn[1] must be the name of an app, or <repository>//<app>[@<environment>]',
  );
});

test('reports every mistake in the order of the lines', () => {
  const result = readSlipwayConfig('version: 2\napps:\n  a: { pth: x }\n  B: { path: y }\nmore: 1\n');
  const lines = 'errors' in result ? result.errors.map(({ failure }) => describeFailure(failure)) : [];
  expect(lines).toHaveLength(5);
  expect(lines.map((line) => line.split(':')[1])).toEqual(['1', '3', '3', '4', '5']);
});

test.each([
  ['nested aliases', bomb()],
  ['very many aliases', `version: 1\nx: &x [1]\ny: [${'*x,'.repeat(5000)}]`],
  ['one large anchor many times', `version: 1\nx: &x [${'1,'.repeat(2000)}]\ny: [${'*x,'.repeat(1000)}]`],
  ['very deep nesting', `version: 1\nx: ${'['.repeat(20_000)}`],
  ['half a megabyte of nesting', '['.repeat(512 * 1024)],
  ['half a megabyte of nested lists', '- '.repeat(256 * 1024)],
  ['half a megabyte of empty lines and comments', '#\n'.repeat(256 * 1024)],
  ['half a megabyte of tags', '!!a '.repeat(100_000)],
  ['a large map that many others merge', merging(20_000, 5_000)],
  ['a map that is merged in a long list', `version: 1\nx: &x { a: 1 }\ny: { <<: [${'*x,'.repeat(50_000)}] }`],
  ['an alias that contains itself', 'version: 1\nx: &x [*x]'],
  ['a map that merges itself', 'version: 1\nx: &x { <<: *x }'],
  ['a merge key without a map', 'version: 1\nx: { <<: 1 }'],
  ['a very large file', `version: 1\n#${'x'.repeat(600_000)}`],
  ['very many keys', `version: 1\n${Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join('\n')}`],
])('%s are refused quickly', (_, text) => {
  // Without the limits these take minutes.
  const before = process.cpuUsage();
  expect(() => parseSlipwayConfig(text)).toThrow(SlipwayError);
  expect(process.cpuUsage(before).user).toBeLessThan(5_000_000);
});

test('a key that is the prototype does not become one', () => {
  expect(thrown('version: 1\napps: { __proto__: { path: x } }')).toContain('__proto__');
});

function thrown(text: string): string {
  try {
    parseSlipwayConfig(text);
    return 'nothing was thrown';
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    expect(error.code).toBe('CONFIG_INVALID');
    return describeFailure(error.failure);
  }
}

function merging(keys: number, maps: number): string {
  const large = Array.from({ length: keys }, (_, i) => `  k${i}: 1\n`).join('');
  return `version: 1\nx: &x\n${large}y:\n${'  - <<: *x\n'.repeat(maps)}`;
}

function bomb(): string {
  const levels = Array.from({ length: 20 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i},`.repeat(10)}]`);
  return `version: 1\nl0: &l0 [x]\n${levels.join('\n')}`;
}

function health(rules: string): string {
  return `version: 1\nhealth:\n  ${rules}`;
}

test('health rules are read in their order', () => {
  const { health: rules } = parseSlipwayConfig(
    health(
      '"*.example.com": { healthy: status.ready }\n  Pod: { failed: status.phase == "Lost", message: status.phase }',
    ),
  );

  expect(rules).toEqual([
    { kind: '*.example.com', healthy: 'status.ready' },
    { kind: 'Pod', failed: 'status.phase == "Lost"', message: 'status.phase' },
  ]);
});
