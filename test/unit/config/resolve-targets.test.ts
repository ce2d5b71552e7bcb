import { expect, test } from 'vitest';
import { parseSlipwayConfig } from '../../../src/config/parse-slipway.ts';
import { followedBranches, resolveTargets } from '../../../src/config/resolve-targets.ts';
import type { SlipwayError } from '../../../src/errors.ts';
import { describeFailure } from '../../../src/model/describe-failure.ts';
import { MemoryTree } from '../../support/memory-tree.ts';

const environments = `environments:
  production: { branch: main, cluster: prod, namespace: "{app}" }
  canary:     { branch: main, cluster: prod, namespace: "{app}-{environment}" }
  staging:    { branch: staging, cluster: staging, namespace: loans }
`;

/** A path that ends in `@` is a symbolic link. */
function treeOf(files: string[]): MemoryTree {
  return new MemoryTree(
    Object.fromEntries(files.map((file) => [file.replace(/@$/, ''), file.endsWith('@') ? 'link:x' : ''])),
  );
}

/** Targets of the branch `main` as `app@environment path namespace`. */
async function resolve(apps: string, files: string[], { branch = 'main', own = '' } = {}) {
  const resolved = await resolveTargets({
    repository: 'github/acme/loans',
    defined: parseSlipwayConfig(`version: 1\n${environments}`),
    config: parseSlipwayConfig(`version: 1\n${own}apps:\n${apps}`),
    branch,
    tree: treeOf(files),
  });
  const short = (target: (typeof resolved.targets)[number]) =>
    `${target.app}@${target.environment} ${target.path} ${target.namespace}`;
  return { ...resolved, short: resolved.targets.map(short), shortMissing: resolved.missing.map(short) };
}

test('each app is a target in each environment that follows the branch', async () => {
  const { short, targets, problems } = await resolve('  web: { path: "deploy/{app}/{environment}" }', [
    'deploy/web/production/a.yaml',
    'deploy/web/canary/a.yaml',
  ]);
  expect(short).toEqual([
    'web@production deploy/web/production web',
    'web@canary deploy/web/canary web-canary',
  ]);
  expect(problems).toEqual([]);
  expect(targets[0]).toEqual({
    id: 'github/acme/loans//web@production',
    repository: 'github/acme/loans',
    app: 'web',
    environment: 'production',
    branch: 'main',
    cluster: 'prod',
    namespace: 'web',
    path: 'deploy/web/production',
    renderer: undefined,
    helm: { releaseName: 'web', values: [] },
    dependsOn: [],
    timeoutMs: 300_000,
    failFastMs: 30_000,
    health: [],
    adopt: false,
    ignore: [],
    mask: [],
    prune: { maxShare: 0.3, propagation: 'background' },
  });
});

test('copies ignored and masked fields of an app to its target', async () => {
  const { targets } = await resolve(
    `  web:
    path: web
    ignore: [{ kind: Deployment.apps, name: "web-*", path: "spec.template.spec.containers[name=web].image" }]
    mask: [{ kind: "*", path: "metadata.annotations[example.com/a.b]" }]`,
    ['web/a.yaml'],
  );
  expect(targets[0]).toMatchObject({
    ignore: [
      { kind: 'Deployment.apps', name: 'web-*', path: 'spec.template.spec.containers[name=web].image' },
    ],
    mask: [{ kind: '*', path: 'metadata.annotations[example.com/a.b]' }],
  });
});

test('copies the health rules of the branch to each of its targets', async () => {
  const rules = 'health:\n  Oven.example.com: { healthy: status.phase == "Hot" }\n';
  const { targets } = await resolve('  web: { path: web }', ['web/a.yaml'], { own: rules });
  expect(targets.map(({ health }) => health)).toEqual([
    [{ kind: 'Oven.example.com', healthy: 'status.phase == "Hot"' }],
    [{ kind: 'Oven.example.com', healthy: 'status.phase == "Hot"' }],
  ]);
});

test('ignores environments that the branch itself defines', async () => {
  const own = 'environments:\n  production: { branch: staging, cluster: prod, namespace: x }\n';
  const { short } = await resolve('  web: { path: web }', ['web/a.yaml'], { branch: 'staging', own });
  expect(short).toEqual(['web@staging web loans']);
});

test('a branch that no environment follows has no targets', async () => {
  const { targets, missing, problems } = await resolve('  web: { path: web }', ['web/a.yaml'], {
    branch: 'x',
  });
  expect([targets, missing, problems]).toEqual([[], [], []]);
});

test('applies the filter of an app', async () => {
  const { short } = await resolve('  web: { path: web, environments: [canary] }', ['web/a.yaml']);
  expect(short).toEqual(['web@canary web web-canary']);
});

test('prefers the namespace of an app to that of the environment', async () => {
  const { short } = await resolve(
    '  web: { path: web, namespace: "x-{environment}", environments: [canary] }',
    ['web/a.yaml'],
  );
  expect(short).toEqual(['web@canary web x-canary']);
});

test('reports a target whose folder is missing', async () => {
  const { short, shortMissing } = await resolve('  web: { path: "web/{environment}" }', [
    'web/canary/a.yaml',
  ]);
  expect(short).toEqual(['web@canary web/canary web-canary']);
  expect(shortMissing).toEqual(['web@production web/production web']);
});

test.each([
  ['a file', 'web'],
  ['a symbolic link', 'web@'],
])('%s in place of the folder counts as missing', async (_, file) => {
  const { targets, shortMissing } = await resolve('  web: { path: web, environments: [canary] }', [file]);
  expect(targets).toEqual([]);
  expect(shortMissing).toEqual(['web@canary web web-canary']);
});

test.each([
  ['.', '.'],
  ['./a//b/', 'a/b'],
  ['a/./b', 'a/b'],
])('the path %j is %j', async (written, path) => {
  const { targets } = await resolve(`  web: { path: "${written}" }`, ['a/b/c.yaml']);
  expect(targets[0]?.path).toBe(path);
});

test('resolves values files outside the folder of the app, and placeholders', async () => {
  const apps =
    '  web: { path: charts/web, helm: { releaseName: "{app}-{environment}", values: [./a.yaml, "../../env/{environment}.yaml"] } }';
  const { targets } = await resolve(apps, ['charts/web/Chart.yaml']);
  expect(targets[0]?.helm).toEqual({
    releaseName: 'web-production',
    values: ['a.yaml', '../../env/production.yaml'],
  });
});

test('makes an app of every folder that matches the pattern, after the named ones', async () => {
  const { short } = await resolve(
    '  "*": { path: "services/{app}/overlays/{environment}", environments: [production] }\n  web: { path: web, environments: [production] }',
    [
      'web/a.yaml',
      'services/b/overlays/production/a.yaml',
      'services/a/overlays/production/a.yaml',
      'services/only-staging/overlays/staging/a.yaml',
      'services/file.yaml',
      'services/link@',
      'services/.hidden/overlays/production/a.yaml',
      'services/c/overlays/production@',
    ],
  );
  expect(short).toEqual([
    'web@production web web',
    'a@production services/a/overlays/production a',
    'b@production services/b/overlays/production b',
  ]);
});

test('allows a pattern for a part of a name', async () => {
  const { short } = await resolve('  "*": { path: "team-{app}-svc/k8s", environments: [production] }', [
    'team-a-svc/k8s/a.yaml',
    'team--svc/k8s/a.yaml',
    'team-svc/k8s/a.yaml',
    'a-svc/k8s/a.yaml',
  ]);
  expect(short).toEqual(['a@production team-a-svc/k8s a']);
});

test.each([
  ['its name', 'elsewhere'],
  ['its folder', 'services/other'],
])('a named app is not shadowed by a folder with %s', async (_, path) => {
  const { targets } = await resolve(`  web: { path: ${path} }\n  "*": { path: "services/{app}" }`, [
    'elsewhere/a.yaml',
    'services/web/a.yaml',
    'services/other/a.yaml',
  ]);
  const paths = targets
    .filter(({ environment }) => environment === 'production')
    .map((target) => target.path);
  expect(new Set(paths).size).toBe(paths.length);
  expect(targets.find(({ app }) => app === 'web')?.path).toBe(path);
});

test('does not find the folder of a named app again if that app is left out', async () => {
  const { short } = await resolve(
    '  web: { path: services/web, environments: [canary] }\n  db: { path: services/postgres, environments: [canary] }\n  "*": { path: "services/{app}", environments: [production] }',
    ['services/web/a.yaml', 'services/postgres/a.yaml', 'services/x/a.yaml'],
  );
  expect(short).toEqual([
    'x@production services/x x',
    'web@canary services/web web-canary',
    'db@canary services/postgres db-canary',
  ]);
});

test('reports a folder whose name is not a valid app name, without affecting others', async () => {
  const { short, problems } = await resolve('  "*": { path: "services/{app}", environments: [production] }', [
    'services/Web_1/a.yaml',
    'services/api/a.yaml',
  ]);
  expect(short).toEqual(['api@production services/api api']);
  expect(problems).toMatchObject([{ app: 'Web_1', environment: 'production', place: { line: 3 } }]);
  expect(problems[0]?.message).toContain('services/Web_1');
});

test('drops dependencies that are not deployed in the environment', async () => {
  const { targets } = await resolve(
    '  web: { path: web, dependsOn: [db, cache, found] }\n  db: { path: db, environments: [canary] }\n  cache: { path: cache }\n  "*": { path: "s/{app}/{environment}" }',
    ['web/a.yaml', 'db/a.yaml', 's/found/canary/a.yaml'],
  );
  const web = targets.filter(({ app }) => app === 'web');
  // `cache` has no folder yet: it is waited for, since it is deployed here.
  expect(web.map(({ environment, dependsOn }) => [environment, dependsOn])).toEqual([
    ['production', ['github/acme/loans//cache@production']],
    [
      'canary',
      ['github/acme/loans//db@canary', 'github/acme/loans//cache@canary', 'github/acme/loans//found@canary'],
    ],
  ]);
});

test('resolves a dependency on another repository in the same environment unless it names one', async () => {
  const { targets, problems } = await resolve(
    '  web: { path: web, dependsOn: ["github/acme/infra//db", "github/acme/infra//cache@live"] }',
    ['web/a.yaml'],
  );
  expect(problems).toEqual([]);
  expect(targets.map(({ dependsOn }) => dependsOn)).toEqual([
    ['github/acme/infra//db@production', 'github/acme/infra//cache@live'],
    ['github/acme/infra//db@canary', 'github/acme/infra//cache@live'],
  ]);
});

test('recognises the own repository by its full name', async () => {
  const { targets, problems } = await resolve(
    '  web: { path: web, environments: [production], dependsOn: ["github/acme/loans//db", "github/acme/loans//db@canary"] }\n' +
      '  api: { path: api, environments: [canary], dependsOn: ["github/acme/loans//bd"] }\n  db: { path: db }',
    ['web/a.yaml', 'api/a.yaml', 'db/a.yaml'],
  );
  expect(targets.find(({ app }) => app === 'web')?.dependsOn).toEqual([
    'github/acme/loans//db@production',
    'github/acme/loans//db@canary',
  ]);
  expect(problems).toMatchObject([
    { app: 'api', message: 'depends on the unknown app "bd"; did you mean "db"?' },
  ]);
});

test('removes the dependency of a pattern app on itself', async () => {
  const { targets } = await resolve('  "*": { path: "s/{app}", dependsOn: [base], environments: [canary] }', [
    's/base/a.yaml',
    's/web/a.yaml',
  ]);
  expect(targets.map(({ app, dependsOn }) => [app, dependsOn])).toEqual([
    ['base', []],
    ['web', ['github/acme/loans//base@canary']],
  ]);
});

test.each([
  [
    'a dependency that is neither app nor folder',
    '  web: { path: web, dependsOn: [bse] }\n  "*": { path: "s/{app}" }',
    'depends on the unknown app "bse"; did you mean "base"?',
  ],
  [
    'a namespace that becomes too long',
    `  web: { path: web, namespace: "{app}-${'x'.repeat(60)}" }`,
    'is not a valid namespace',
  ],
  [
    'a release name that becomes too long',
    `  web: { path: web, helm: { releaseName: "{app}-${'x'.repeat(50)}" } }`,
    'has more than 53 characters',
  ],
  [
    'an environment nobody has',
    '  web: { path: web, environments: [prodution] }',
    'unknown environment "prodution"; did you mean "production"?',
  ],
])('leaves an app out and reports it: %s', async (_, apps, message) => {
  const { targets, missing, problems } = await resolve(apps, ['web/a.yaml', 's/base/a.yaml']);
  expect([...targets, ...missing].filter(({ app }) => app === 'web')).toEqual([]);
  expect(problems.map(({ environment }) => environment)).toEqual(['production', 'canary']);
  expect(problems[0]?.message).toContain(message);
  expect(problems[0]?.place).toEqual({ file: 'slipway.yaml', line: 3 });
});

test('tells where to write a missing namespace', async () => {
  const { problems } = await resolveTargets({
    repository: 'github/acme/loans',
    defined: parseSlipwayConfig('version: 1\nenvironments: { e: { branch: main, cluster: c } }'),
    config: parseSlipwayConfig('version: 1\napps: { web: { path: . } }'),
    branch: 'main',
    tree: treeOf(['a.yaml']),
  });
  expect(problems).toMatchObject([{ message: 'has no namespace' }]);
});

test('followed branches are named once', () => {
  expect(followedBranches(parseSlipwayConfig(`version: 1\n${environments}`))).toEqual(['main', 'staging']);
});

test('keeps the folder of an app in the repository, whatever is written', () => {
  const parts = ['..', '.', 'a', '{app}', '{environment}', '/', '//', '..\\', '%2e%2e', ' ', '~'];
  for (const first of parts) {
    for (const second of parts) {
      for (const third of parts) {
        const path = [first, second, third].join('/');
        const outcome = parsedPath(path);
        if (outcome === undefined) continue;
        expect(outcome.split('/')).not.toContain('..');
        expect(outcome.startsWith('/')).toBe(false);
      }
    }
  }
});

function parsedPath(path: string): string | undefined {
  try {
    return parseSlipwayConfig(JSON.stringify({ version: 1, apps: { a: { path } } })).apps.a?.path;
  } catch (error) {
    expect(describeFailure((error as SlipwayError).failure)).toContain('leaves the repository');
    return undefined;
  }
}

test('an app may name an environment that is held because of a mistake', async () => {
  const defined = parseSlipwayConfig(
    'version: 1\nenvironments:\n  prod: { branch: main }\n  dev: { branch: main, cluster: c, namespace: n }',
  );

  const { targets, problems } = await resolveTargets({
    repository: 'github/acme/loans',
    defined,
    config: parseSlipwayConfig('version: 1\napps: { web: { path: ., environments: [prod] } }'),
    branch: 'main',
    tree: treeOf(['a.yaml']),
  });

  expect({ targets, problems }).toEqual({ targets: [], problems: [] });
});
