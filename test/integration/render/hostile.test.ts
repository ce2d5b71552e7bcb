import { access, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryTree } from '../../support/memory-tree.ts';
import { temporaryFolder } from '../../support/mirrors.ts';
import { aRenderer, clusterVersion, RenderedRepository } from '../../support/render.ts';
import { aTarget } from '../../support/targets.ts';

const CANARY = 'canary-of-the-host';

/** A socket that counts who calls; nobody may. */
let server: Server;
let calls = 0;
let url = '';

beforeAll(async () => {
  server = createServer((_, response) => {
    calls += 1;
    response.end('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: from-the-web}\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

/** A file of the host that holds the canary, and one that only a program could make. */
async function host() {
  const dir = await temporaryFolder();
  const secret = join(dir, 'secret.yaml');
  await writeFile(
    secret,
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${CANARY}}\ndata: {x: ${CANARY}}\n`,
  );
  return { secret, made: join(dir, 'made') };
}

const chart = { 'deploy/web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n' };
const config = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n';

type Files = Record<string, string>;
type Make = (at: { secret: string; made: string; url: string }) => Files;

const kustomization =
  (text: (at: Parameters<Make>[0]) => string, more: (at: Parameters<Make>[0]) => Files = () => ({})): Make =>
  (at) => ({ 'deploy/web/kustomization.yaml': text(at), 'deploy/web/a.yaml': config, ...more(at) });

const exec = (made: string) =>
  `apiVersion: example.com/v1\nkind: Evil\nmetadata:\n  name: x\n  annotations:\n    config.kubernetes.io/function: |\n      exec: {path: /bin/touch, args: ["${made}"]}\n`;

const hostile: [string, Make][] = [
  ['resources by an absolute path', kustomization(({ secret }) => `resources: ["${secret}"]\n`)],
  [
    'resources by a long way up',
    kustomization(({ secret }) => `resources: ["../../../../../../../..${secret}"]\n`),
  ],
  [
    'fields in another case',
    kustomization(({ secret }) => `Resources: ["${secret}"]\nRESOURCES: ["../../../..${secret}"]\n`),
  ],
  ['a merge key', kustomization(({ secret }) => `x: &x {resources: ["${secret}"]}\n<<: *x\n`)],
  [
    'a generator of files',
    kustomization(
      ({ secret }) => `configMapGenerator: [{name: a, files: ["${secret}", "../../..${secret}"]}]\n`,
    ),
  ],
  [
    'a generator that a kustomization patches',
    kustomization(
      () => 'generators: [gen]\n',
      ({ secret }) => ({
        'deploy/web/gen/kustomization.yaml': `resources: [g.yaml]\npatches: [{patch: '[{op: add, path: /files, value: ["${secret}"]}]', target: {kind: ConfigMapGenerator}}]\n`,
        'deploy/web/gen/g.yaml': 'apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: g}\n',
      }),
    ),
  ],
  [
    'a link',
    kustomization(
      () => 'resources: [l.yaml]\n',
      ({ secret }) => ({ 'deploy/web/l.yaml': `link:${secret}` }),
    ),
  ],
  [
    'replacements from a file',
    kustomization(({ secret }) => `resources: [a.yaml]\nreplacements: [{path: "${secret}"}]\n`),
  ],
  ['an OpenAPI schema', kustomization(({ secret }) => `resources: [a.yaml]\nopenapi: {path: "${secret}"}\n`)],
  [
    'custom resource definitions',
    kustomization(({ secret }) => `resources: [a.yaml]\ncrds: ["${secret}"]\n`),
  ],
  ['a resource on the web', kustomization(({ url }) => `resources: ["${url}/x.yaml"]\n`)],
  [
    'a patch on the web',
    kustomization(({ url }) => `resources: [a.yaml]\npatches: [{path: "${url}/x.yaml"}]\n`),
  ],
  ['a base in Git', kustomization(({ url }) => `resources: ["git::${url}/x.git//base?ref=v1"]\n`)],
  [
    'a function that is a program',
    kustomization(
      () => 'generators: [f.yaml]\n',
      ({ made }) => ({ 'deploy/web/f.yaml': exec(made) }),
    ),
  ],
  [
    'a transformer that is a program',
    kustomization(
      () => 'resources: [a.yaml]\ntransformers: [f.yaml]\n',
      ({ made }) => ({ 'deploy/web/f.yaml': exec(made) }),
    ),
  ],
  [
    'a validator that is a program',
    kustomization(
      () => 'resources: [a.yaml]\nvalidators: [f.yaml]\n',
      ({ made }) => ({ 'deploy/web/f.yaml': exec(made) }),
    ),
  ],
  [
    'a container and a Starlark function',
    kustomization(
      () => 'resources: [a.yaml]\ntransformers: [c.yaml, s.yaml]\n',
      ({ url }) => ({
        'deploy/web/c.yaml':
          'apiVersion: v1\nkind: X\nmetadata: {name: c, annotations: {config.kubernetes.io/function: "container: {image: evil}"}}\n',
        'deploy/web/s.yaml': `apiVersion: v1\nkind: X\nmetadata: {name: s, annotations: {config.kubernetes.io/function: "starlark: {url: ${url}/s.star}"}}\n`,
      }),
    ),
  ],
  [
    'a plugin that is committed',
    kustomization(
      () => 'generators: [p.yaml]\n',
      () => ({
        'deploy/web/p.yaml': 'apiVersion: someteam.example.com/v1\nkind: Evil\nmetadata: {name: p}\n',
        'kustomize/plugin/someteam.example.com/v1/evil/Evil': '#!/bin/sh\ntouch /tmp/made\n',
      }),
    ),
  ],
  [
    'a generator that inflates a chart with options',
    kustomization(
      () => 'generators: [h.yaml]\n',
      ({ made }) => ({
        'deploy/web/h.yaml': `apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: h}\nname: c\nreleaseName: "--post-renderer=/bin/touch --post-renderer-args=${made}"\n`,
        'deploy/web/charts/c/Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.0\n',
      }),
    ),
  ],
  [
    'a schema of values that refers to a file',
    ({ secret }) => ({
      ...chart,
      'deploy/web/values.schema.json': `{"$ref": "file://${secret}"}`,
      'deploy/web/templates/a.yaml': config,
    }),
  ],
  [
    'a schema of values that refers to the web',
    ({ url }) => ({
      ...chart,
      'deploy/web/values.schema.json': `{"properties": {"a": {"$ref": "${url}/s.json"}}}`,
      'deploy/web/templates/a.yaml': config,
    }),
  ],
  [
    'a schema with an address of its own',
    ({ url }) => ({
      ...chart,
      'deploy/web/values.schema.json': `{"$id": "${url}/s.json", "$ref": "other.json"}`,
      'deploy/web/templates/a.yaml': config,
    }),
  ],
  [
    'files of a chart outside of it',
    ({ secret }) => ({
      ...chart,
      'deploy/web/templates/a.yaml': `${config}data: {x: {{ .Files.Get "${secret}" | quote }}, y: {{ .Files.Get "../../../..${secret}" | quote }}}\n`,
    }),
  ],
  ['a link in a chart', ({ secret }) => ({ ...chart, 'deploy/web/templates/l.yaml': `link:${secret}` })],
  [
    'the environment and the network of a template',
    ({ url }) => ({
      ...chart,
      'deploy/web/templates/a.yaml': `${config}data: {h: {{ getHostByName "${new URL(url).hostname}" | quote }}, t: {{ tpl "{{ env \\"PATH\\" }}" . | quote }}}\n`,
    }),
  ],
  ['manifests by a link', ({ secret }) => ({ 'deploy/web/l.yaml': `link:${secret}` })],
];

describe('a repository reads, runs and reaches nothing by', () => {
  it.each(hostile)('%s', async (_, make) => {
    const { secret, made } = await host();
    const before = calls;
    const repository = await RenderedRepository.create(make({ secret, made, url }));

    const outcome = await repository.render().then(
      (rendered) => JSON.stringify(rendered),
      (error: Error & { hint?: string }) => `${error.message} ${error.hint} ${JSON.stringify(error)}`,
    );

    expect(outcome).not.toContain(CANARY);
    expect(outcome).not.toContain('from-the-web');
    expect(calls).toBe(before);
    await expect(access(made)).rejects.toThrow();
    expect(await readFile(secret, 'utf8')).toContain(CANARY);
  });
});

const levels = (count: number) =>
  Array.from(
    { length: count },
    (_, n) => `l${n + 1}: &l${n + 1} [*l${n}, *l${n}, *l${n}, *l${n}, *l${n}]`,
  ).join('\n');
const folders = (wide: number, deep: number): string[] =>
  deep === 0
    ? ['x.yaml']
    : Array.from({ length: wide }, (_, n) => folders(wide, deep - 1).map((rest) => `${n}/${rest}`)).flat();

const bombs: [string, () => Files][] = [
  [
    'a kustomization of nested aliases',
    () => ({
      'deploy/web/kustomization.yaml': `l0: &l0 [x]\n${levels(20)}\nresources: [a.yaml]\n`,
      'deploy/web/a.yaml': config,
    }),
  ],
  [
    'a resource of nested aliases',
    () => ({
      'deploy/web/kustomization.yaml': 'resources: [a.yaml]\n',
      'deploy/web/a.yaml': `${config}l0: &l0 [x]\n${levels(20)}\n`,
    }),
  ],
  ['a manifest of nested lists', () => ({ 'deploy/web/a.yaml': `${config}x: ${'['.repeat(100_000)}\n` })],
  [
    'values of nested aliases',
    () => ({
      ...chart,
      'deploy/web/values.yaml': `l0: &l0 [x]\n${levels(20)}\n`,
      'deploy/web/templates/a.yaml': config,
    }),
  ],
  [
    'a template that opens a million actions',
    () => ({ ...chart, 'deploy/web/templates/a.yaml': '{{'.repeat(1_000_000) }),
  ],
  [
    'a template that includes itself',
    () => ({
      ...chart,
      'deploy/web/templates/a.yaml': '{{ define "x" }}{{ include "x" . }}{{ end }}{{ include "x" . }}',
    }),
  ],
  [
    'a kustomization that is its own base',
    () => ({ 'deploy/web/kustomization.yaml': 'resources: [../web]\n' }),
  ],
  [
    'more files than an app may have',
    () => Object.fromEntries(folders(12, 3).map((path) => [`deploy/web/${path}`, config])),
  ],
  [
    'a packed chart that is none',
    () => ({
      ...chart,
      'deploy/web/charts/x-1.0.0.tgz': 'x'.repeat(1000),
      'deploy/web/templates/a.yaml': config,
    }),
  ],
];

describe('a repository takes neither memory nor time with', () => {
  it.each(bombs)('%s, and hears what is wrong', async (_, files) => {
    const repository = await RenderedRepository.create(files());

    await expect(repository.render()).rejects.toMatchObject({
      code: expect.stringMatching(/^(RENDER_|OBJECT_INVALID)/),
      message: expect.stringMatching(/^web: /),
    });
  });
});

it('a repository whose renders do not end holds up no other one', async () => {
  const { renderer } = await aRenderer({ concurrency: 2 });
  const endless = new MemoryTree({
    ...chart,
    'deploy/web/templates/a.yaml':
      '{{ range until 10000 }}{{ range until 10000 }}{{ range until 10000 }}{{ $x := repeat 10 "x" }}{{ end }}{{ end }}{{ end }}',
  });
  const given = new AbortController();
  const cluster = async () => clusterVersion;
  const held = Array.from({ length: 8 }, (_, index) => {
    const target = aTarget({
      app: `endless-${index}`,
      repository: 'github/evil/repo',
      namespace: `n${index}`,
    });
    return renderer.render(target, endless, cluster, given.signal).catch((error: unknown) => error);
  });

  const innocent = new MemoryTree({ 'deploy/web/a.yaml': config });
  const rendered = await renderer.render(aTarget(), innocent, cluster, new AbortController().signal);

  expect(rendered.objects).toHaveLength(1);
  given.abort(new Error('over'));
  for (const outcome of await Promise.all(held)) expect(outcome).toMatchObject({ message: 'over' });
});

it('what one app renders never changes what another one does', async () => {
  const apps: Files[] = [
    { 'deploy/web/a.yaml': config },
    { 'deploy/web/kustomization.yaml': 'resources: [a.yaml]\nnamePrefix: p-\n', 'deploy/web/a.yaml': config },
    {
      'deploy/web/kustomization.yaml': 'resources: [a.yaml]\nopenapi: {path: schema.json}\n',
      'deploy/web/schema.json':
        '{"definitions": {"v1alpha1.MyCRD": {"properties": {"spec": {"type": "object"}}, "type": "object", "x-kubernetes-group-version-kind": [{"group": "example.com", "kind": "MyCRD", "version": "v1alpha1"}]}}}',
      'deploy/web/a.yaml': config,
    },
    { ...chart, 'deploy/web/templates/a.yaml': `${config}data: {n: "{{ .Release.Name }}"}\n` },
    { 'deploy/web/kustomization.yaml': 'resources: [missing.yaml]\n' },
  ];
  const outcomeOf = async (
    renderer: Awaited<ReturnType<typeof aRenderer>>['renderer'],
    app: number,
    turn: number,
  ) =>
    renderer
      .render(
        aTarget({ app: `a${app}-${turn}`, namespace: `n${turn}` }),
        new MemoryTree(apps[app] ?? {}),
        async () => clusterVersion,
        new AbortController().signal,
      )
      .then(
        ({ objects }) => JSON.stringify(objects),
        (error: Error) => error.message.replace(/^\S+ /, ''),
      );
  const fresh: string[] = [];
  for (const app of apps.keys()) fresh.push(await outcomeOf((await aRenderer()).renderer, app, 0));
  const { renderer } = await aRenderer({ concurrency: 1 });
  let seed = 7;
  for (let turn = 0; turn < 300; turn++) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    const app = seed % apps.length;
    expect(await outcomeOf(renderer, app, turn)).toBe(fresh[app]);
  }
});
