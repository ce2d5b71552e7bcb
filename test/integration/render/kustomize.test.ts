import { describe, expect, it } from 'vitest';
import { describePlace } from '../../../src/model/source-place.ts';
import { configMap, RenderedRepository } from '../../support/render.ts';

const path = 'apps/web/overlays/production';

const files = {
  'base/kustomization.yaml': 'resources: [service.yaml]\n',
  'base/service.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n',
  'apps/web/base/kustomization.yaml':
    'resources:\n- deployment.yaml\n- ../../../base\nconfigMapGenerator:\n- name: settings\n  files: [app.conf, renamed.txt=notes.txt]\n  envs: [settings.env]\n',
  'apps/web/base/deployment.yaml':
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      containers: [{name: web, image: web:v1}]\n',
  'apps/web/base/app.conf': 'a=b\n',
  'apps/web/base/notes.txt': 'notes\n',
  'apps/web/base/settings.env': 'MODE=fast\n',
  [`${path}/kustomization.yaml`]:
    'resources: [../../base]\nnamespace: loans\ncomponents: [../../../../components/debug]\npatches:\n- path: replicas.yaml\nimages:\n- {name: web, newTag: v2}\n',
  [`${path}/replicas.yaml`]:
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n',
  'components/debug/kustomization.yaml':
    'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n- path: debug.yaml\n',
  'components/debug/debug.yaml':
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, annotations: {debug: "on"}}\n',
};

const simple = (kustomization: string, more: Record<string, string> = {}) =>
  RenderedRepository.create(
    { 'deploy/web/kustomization.yaml': kustomization, 'deploy/web/a.yaml': configMap('a'), ...more },
    { path: 'deploy/web' },
  );

describe('an app of Kustomize', () => {
  it('is rendered with bases, components, patches and generators, and each object knows its file', async () => {
    const repository = await RenderedRepository.create(files, { path });

    const { objects } = await repository.render();

    const deployment = objects.find(({ object }) => object.kind === 'Deployment');
    expect(deployment?.object).toMatchObject({
      metadata: { name: 'web', namespace: 'loans', annotations: { debug: 'on' } },
      spec: { replicas: 3, template: { spec: { containers: [{ image: 'web:v2' }] } } },
    });
    const places = objects.map(({ object, source }) => `${object.kind} ${describePlace(source)}`);
    expect(places.sort()).toEqual([
      'ConfigMap apps/web/base/kustomization.yaml',
      'Deployment apps/web/base/deployment.yaml:1',
      'Service base/service.yaml:1',
    ]);
    expect(deployment?.source.through).toBe(`${path}/kustomization.yaml`);
    expect(JSON.stringify(objects)).not.toContain('config.kubernetes.io/origin');
    const generated = objects.find(({ object }) => object.kind === 'ConfigMap')?.object;
    expect(generated).toMatchObject({
      data: { 'app.conf': 'a=b\n', 'renamed.txt': 'notes\n', MODE: 'fast' },
    });
    expect(generated?.metadata).not.toHaveProperty('annotations');
    expect(await repository.leftBehind()).toEqual([]);
  });

  it('keeps the origin annotations that its author asked for', async () => {
    const repository = await simple('resources: [a.yaml]\nbuildMetadata: [originAnnotations]\n');

    const { objects } = await repository.render();

    expect(objects[0]?.object.metadata.annotations).toHaveProperty(['config.kubernetes.io/origin']);
    expect(objects[0]?.source).toEqual({ file: 'deploy/web/a.yaml', line: 1 });
  });

  it('is rendered once for the same content', async () => {
    const repository = await RenderedRepository.create(files, { path });
    const first = await repository.render();

    const second = await repository.render();

    expect([first.cached, second.cached]).toEqual([false, true]);
    expect(second.objects).toEqual(first.objects);
  });

  it.each(Object.keys(files))('moves its key with %s', async (file) => {
    const repository = await RenderedRepository.create(files, { path });
    const key = await repository.key();

    repository.change({ [file]: `${files[file as keyof typeof files]}# moved\n` });

    expect(await repository.key()).not.toBe(key);
  });

  it('does not move its key with files that it does not reach', async () => {
    const repository = await RenderedRepository.create(files, { path });
    const key = await repository.key();

    repository.change({
      'apps/web/base/README.md': 'x',
      'apps/web/base/unused.yaml': configMap('x'),
      'apps/web/overlays/staging/kustomization.yaml': 'resources: [../../base]\n',
      'components/other/kustomization.yaml': 'kind: Component\n',
    });

    expect(await repository.key()).toBe(key);
    expect(repository.clusterCalls).toBe(0);
  });

  it('reads files of the repository outside of the folder of its kustomization', async () => {
    const repository = await simple(
      'resources: [../shared/b.yaml]\nconfigMapGenerator:\n- {name: c, files: [../shared/x.conf]}\n',
      {
        'deploy/shared/b.yaml': configMap('b'),
        'deploy/shared/x.conf': 'x',
      },
    );

    const { objects } = await repository.render();

    expect(objects.map(({ source }) => source.file)).toEqual([
      'deploy/shared/b.yaml',
      'deploy/web/kustomization.yaml',
    ]);
  });

  it('takes patches and generators that stand in the file itself', async () => {
    const repository = await simple(
      'resources: [a.yaml]\npatchesStrategicMerge:\n- |-\n  apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: a, labels: {x: y}}\ngenerators:\n- |-\n  apiVersion: builtin\n  kind: ConfigMapGenerator\n  metadata: {name: g}\n  files: [x.conf]\n',
      { 'deploy/web/x.conf': '1' },
    );
    const key = await repository.key();

    const { objects } = await repository.render();
    repository.change({ 'deploy/web/x.conf': '2' });

    expect(objects.map(({ object }) => object.metadata.name?.split('-')[0])).toEqual(['a', 'g']);
    expect(objects[0]?.object.metadata).toMatchObject({ labels: { x: 'y' } });
    expect(await repository.key()).not.toBe(key);
  });

  it('takes generators from files and folders', async () => {
    const generator = 'apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: g}\nenvs: [x.env]\n';
    const repository = await simple('generators: [g.yaml]\ntransformers: [more]\nresources: [a.yaml]\n', {
      'deploy/web/g.yaml': generator,
      'deploy/web/x.env': 'A=1\n',
      'deploy/web/more/kustomization.yaml': 'resources: [prefix.yaml]\n',
      'deploy/web/more/prefix.yaml':
        'apiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: p}\nprefix: p-\nfieldSpecs: [{path: metadata/name}]\n',
    });

    const { objects } = await repository.render();

    expect(objects.map(({ object }) => object.metadata.name?.slice(0, 3))).toEqual(['p-a', 'p-g']);
  });

  it('inflates a chart that lies in the repository', async () => {
    const repository = await simple(
      'helmCharts:\n- {name: db, releaseName: db, valuesFile: db-values.yaml}\n',
      {
        'deploy/web/charts/db/Chart.yaml': 'apiVersion: v2\nname: db\nversion: 1.0.0\n',
        'deploy/web/charts/db/templates/x.yaml':
          'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: db}\ndata: {v: "{{ .Values.v }} {{ .Capabilities.KubeVersion }}"}\n',
        'deploy/web/db-values.yaml': 'v: one\n',
      },
    );
    const key = await repository.key();

    const { objects } = await repository.render();
    repository.change({ 'deploy/web/db-values.yaml': 'v: two\n' });

    expect(objects.find(({ object }) => object.metadata.name === 'db')?.object.data).toEqual({
      v: 'one v1.37.2',
    });
    expect(await repository.key()).not.toBe(key);
  });
});

describe('an error of Kustomize', () => {
  it.each([
    ['an unknown field', 'resorces: [a.yaml]\n', {}, 'resorces', 'deploy/web/kustomization.yaml'],
    [
      'a patch without a target',
      'resources: [a.yaml]\npatches: [{path: p.yaml}]\n',
      { 'deploy/web/p.yaml': configMap('missing') },
      'missing',
      'deploy/web/kustomization.yaml',
    ],
    [
      'a resource that is not YAML',
      'resources: [bad.yaml]\n',
      { 'deploy/web/bad.yaml': 'a: b: c\n' },
      'mapping values are not allowed',
      'deploy/web/bad.yaml',
    ],
    [
      'the same object twice',
      'resources: [a.yaml, ../base]\n',
      { 'deploy/base/kustomization.yaml': 'resources: [x.yaml]\n', 'deploy/base/x.yaml': configMap('a') },
      'already registered id',
      'deploy/base/kustomization.yaml',
    ],
  ])('about %s names the app and a file of the repository', async (_, kustomization, more, words, file) => {
    const repository = await simple(kustomization, more);

    const error = await repository.render().catch((caught: unknown) => caught);

    expect(error).toMatchObject({
      code: 'RENDER_FAILED',
      message: expect.stringMatching(new RegExp(`^web: .*${words}`)),
      place: { file },
    });
    expect(String(error)).not.toContain(repository.dir);
    expect(await repository.leftBehind()).toEqual([]);
  });
});
