import { expect, it } from 'vitest';
import { importCyclesIn, importsOf, packageOf, sourcesIn } from '../../support/sources.ts';

/** What every adapter may import: the words, the ports, the shape of the configuration, the logger. */
const common = ['errors.ts', 'model', 'ports', 'config', 'telemetry', 'cel'];

/** Data walks one way. A folder of src and what it may import; src/README.md says why. */
const mayImport: Record<string, string[]> = {
  'errors.ts': ['model'],
  model: [],
  ports: ['errors.ts', 'model'],
  cel: ['errors.ts', 'model'],
  telemetry: ['errors.ts', 'model'],
  config: ['errors.ts', 'model', 'ports', 'cel'],
  health: ['errors.ts', 'model', 'cel'],
  // Adapters: none of them knows another one.
  forges: common,
  git: common,
  render: common,
  policy: common,
  kube: [...common, 'health'],
  queue: common,
  store: common,
  notifications: common,
  // Use cases, written against the ports.
  intake: common,
  planning: common,
  release: common,
  // What people and forges talk to.
  dashboard: ['errors.ts', 'model', 'ports'],
  server: ['errors.ts', 'model', 'ports', 'telemetry', 'dashboard'],
  // Where everything is put together.
  composition: [
    ...common,
    'forges',
    'git',
    'render',
    'policy',
    'kube',
    'queue',
    'store',
    'notifications',
    'intake',
    'planning',
    'release',
    'server',
  ],
  cli: [
    'errors.ts',
    'model',
    'config',
    'forges',
    'kube',
    'policy',
    'composition',
    'render',
    'server',
    'store',
    'workers',
  ],
  'main.ts': ['cli'],
  workers: [
    'errors.ts',
    'model',
    'telemetry',
    'composition',
    'intake',
    'planning',
    'queue',
    'release',
    'notifications',
    'server',
    'store',
  ],
};

/** Packages that one place alone knows, so that replacing one is a matter of one folder. */
const packages: Record<string, RegExp> = {
  '@kubernetes/client-node': /^src\/kube\/client\//,
  '@octokit/': /^src\/forges\/github\//,
  '@gitbeaker/': /^src\/forges\/gitlab\//,
  bullmq: /^src\/queue\//,
  ioredis: /^src\/(queue|store|composition)\//,
  fastify: /^src\/server\//,
  commander: /^src\/(cli\/|main\.ts)/,
  cockatiel: /^src\/forges\//,
  pino: /^src\/telemetry\//,
  'prom-client': /^src\/telemetry\//,
};

const sources = sourcesIn(['src', 'workers']);

/** `kube` of `src/kube/run.ts`, `main.ts` of `src/main.ts`, `workers` of `workers/deploy.ts`. */
function folderOf(path: string): string {
  const [top = '', second = ''] = path.split('/');
  return top === 'src' ? second : top;
}

it('every folder of src says what it may import', () => {
  const folders = new Set(sources.map(({ path }) => folderOf(path)));
  expect([...folders].filter((folder) => !Object.hasOwn(mayImport, folder))).toEqual([]);
  expect(Object.keys(mayImport).filter((folder) => !folders.has(folder))).toEqual([]);
});

it('imports go one way', () => {
  const wrong = sources.flatMap((one) => {
    const from = folderOf(one.path);
    const allowed = [from, 'package.json', ...(mayImport[from] ?? [])];
    return importsOf(one)
      .filter(({ own, module }) => own && !allowed.includes(folderOf(module)))
      .map(({ module }) => `${one.path} imports ${module}`);
  });
  expect(wrong).toEqual([]);
});

it('no files import each other in a cycle, imported types included', () => {
  expect(importCyclesIn(sources)).toEqual([]);
});

it('finds a cycle that only types close', () => {
  const files = [
    { path: 'src/one.ts', text: "import type { Two } from './two.ts';\n" },
    { path: 'src/two.ts', text: "import { three } from './three.ts';\n" },
    { path: 'src/three.ts', text: "export type { One } from './one.ts';\n" },
    { path: 'src/four.ts', text: "import { one } from './one.ts';\n" },
  ];
  expect(importCyclesIn(files)).toEqual([['src/one.ts', 'src/three.ts', 'src/two.ts']]);
});

it('nobody outside kube reaches into it but for its clusters and the version', () => {
  const doors = ['src/kube/clusters.ts', 'src/kube/slipway-version.ts'];
  const wrong = sources.flatMap((one) =>
    importsOf(one)
      .filter(({ module }) => module.startsWith('src/kube/') && folderOf(one.path) !== 'kube')
      .filter(({ module }) => !doors.includes(module))
      .map(({ module }) => `${one.path} imports ${module}`),
  );
  expect(wrong).toEqual([]);
});

it.each(Object.entries(packages))('%s is imported from its own place only', (name, place) => {
  const users = sources.filter((one) =>
    importsOf(one).some(
      ({ own, module }) =>
        !own && (name.endsWith('/') ? module.startsWith(name) : packageOf(module) === name),
    ),
  );
  expect(users.length).toBeGreaterThan(0);
  expect(users.map(({ path }) => path).filter((path) => !place.test(path))).toEqual([]);
});

it('only the commands see the environment, and pass it on whole to config', () => {
  const users = sources.filter(({ text }) => text.includes('process.env'));
  expect(users.map(({ path }) => path).filter((path) => !path.startsWith('src/cli/'))).toEqual([]);
  expect(users.filter(({ text }) => /process\.env\s*(\.|\?|\[)/.test(text)).map(({ path }) => path)).toEqual(
    [],
  );
});
