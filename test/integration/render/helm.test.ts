import { describe, expect, it } from 'vitest';
import { describePlace } from '../../../src/model/source-place.ts';
import { configMap, RenderedRepository } from '../../support/render.ts';

const chart = {
  'deploy/web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
  'deploy/web/values.yaml': 'mode: default\n',
  'deploy/web/values-production.yaml': 'mode: production\n',
  'deploy/web/values-staging.yaml': 'mode: staging\n',
  'deploy/web/templates/_helpers.tpl': '{{- define "name" }}{{ .Release.Name }}-x{{ end }}\n',
  'deploy/web/templates/config.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ include "name" . }}\ndata:\n  mode: {{ .Values.mode }}\n  namespace: {{ .Release.Namespace }}\n',
};

const target = { helm: { releaseName: 'web', values: ['values-production.yaml'] } };

const app = (more: Record<string, string> = {}, values = target.helm.values) =>
  RenderedRepository.create({ ...chart, ...more }, { helm: { releaseName: 'web', values } });

const subchart = (folder: string, name: string) => ({
  [`${folder}/Chart.yaml`]: `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`,
  [`${folder}/templates/${name}.yaml`]: configMap(name),
});

const dependsOn = (line: string) => ({
  'deploy/web/Chart.yaml': `${chart['deploy/web/Chart.yaml']}dependencies:\n${line}\n`,
});

describe('an app that is a chart', () => {
  it('is rendered with the values of its environment and the namespace of its target', async () => {
    const repository = await app({
      'deploy/web/crds/x.yaml':
        'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: x.example.com}\n',
    });

    const { objects } = await repository.render();

    expect(objects.map(({ object, source }) => `${object.kind} ${describePlace(source)}`)).toEqual([
      'CustomResourceDefinition deploy/web/crds/x.yaml:1',
      'ConfigMap deploy/web/templates/config.yaml:1',
    ]);
    expect(objects[1]?.object).toMatchObject({
      metadata: { name: 'web-x' },
      data: { mode: 'production', namespace: 'loans' },
    });
    expect(repository.clusterCalls).toBe(0);
    expect((await repository.render()).cached).toBe(true);
  });

  it('is told the version and the kinds of the cluster where it asks for them', async () => {
    const repository = await app({
      'deploy/web/templates/v.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: v}\ndata: {v: "{{ .Capabilities.KubeVersion }}", has: "{{ .Capabilities.APIVersions.Has "apps/v1" }}"}\n',
    });
    const key = await repository.key();

    const { objects } = await repository.render();
    repository.cluster = { ...repository.cluster, version: 'v1.38.0' };

    expect(objects.map(({ object }) => object.data)).toContainEqual({ v: 'v1.37.2', has: 'true' });
    expect(await repository.key()).not.toBe(key);
  });

  it('brings its hooks with it, its tests not', async () => {
    const repository = await app({
      'deploy/web/templates/hook.yaml':
        'apiVersion: batch/v1\nkind: Job\nmetadata: {name: migrate, annotations: {helm.sh/hook: pre-upgrade}}\n',
      'deploy/web/templates/cleanup.yaml':
        'apiVersion: batch/v1\nkind: Job\nmetadata: {name: clean, annotations: {helm.sh/hook: post-delete}}\n',
      'deploy/web/templates/tests/test.yaml':
        'apiVersion: v1\nkind: Pod\nmetadata: {name: test, annotations: {helm.sh/hook: test}}\n',
    });

    const { objects, skipped } = await repository.render();

    expect(objects.map(({ object }) => object.metadata.name).sort()).toEqual(['migrate', 'web-x']);
    expect(skipped).toEqual([
      expect.objectContaining({
        reason: 'it is for the deletion of a whole app',
        source: { file: 'deploy/web/templates/cleanup.yaml', line: 1 },
        ref: expect.objectContaining({ name: 'clean' }),
      }),
    ]);
  });

  it('names what differs from one render to the next', async () => {
    const repository = await app({
      'deploy/web/templates/s.yaml':
        'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  p: {{ randAlphaNum 8 }}\n',
    });

    expect((await repository.render()).warnings).toEqual([
      'deploy/web/templates/s.yaml:5 uses randAlphaNum, which gives something else at each render',
    ]);
  });

  it('takes the last of a key that stands twice, as Helm does, and says so', async () => {
    const repository = await app({
      'deploy/web/templates/twice.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: twice}\ndata:\n  a: first\n  a: last\n',
    });

    const { objects, warnings } = await repository.render();

    expect(objects.map(({ object }) => object.data)).toContainEqual({ a: 'last' });
    expect(warnings).toEqual(['deploy/web/templates/twice.yaml:6 has the key a twice; the last one counts']);
  });

  it('says where a template asks for the history of the release', async () => {
    const repository = await app({
      'deploy/web/templates/h.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: h}\ndata: {i: "{{ .Release.IsInstall }} {{ .Release.Revision }}"}\n',
    });

    const { objects, warnings } = await repository.render();

    expect(objects.map(({ object }) => object.data)).toContainEqual({ i: 'true 1' });
    expect(warnings).toEqual([
      'deploy/web/templates/h.yaml:4 uses .Release.IsInstall, which is always that of a first install',
      'deploy/web/templates/h.yaml:4 uses .Release.Revision, which is always that of a first install',
    ]);
  });

  it.each([
    'deploy/web/values.yaml',
    'deploy/web/values-production.yaml',
    'deploy/web/templates/_helpers.tpl',
    'deploy/web/templates/config.yaml',
    'deploy/web/Chart.yaml',
  ])('moves its key with %s', async (file) => {
    const repository = await app();
    const key = await repository.key();

    repository.change({ [file]: `${chart[file as keyof typeof chart]}# moved\n` });

    expect(await repository.key()).not.toBe(key);
  });

  it('does not move its key with another environment, a README or another cluster version', async () => {
    const repository = await app();
    const key = await repository.key();

    repository.change({
      'deploy/web/values-staging.yaml': 'mode: x\n',
      'deploy/web/README.md': 'x',
    });
    repository.cluster = { version: 'v1.99.0', apiVersions: [] };

    expect(await repository.key()).toBe(key);
    expect(await repository.key({ helm: { releaseName: 'other', values: target.helm.values } })).not.toBe(
      key,
    );
    expect(await repository.key({ namespace: 'other' })).not.toBe(key);
  });

  it('moves its key with any file of the chart once a template reads files', async () => {
    const repository = await app({
      'deploy/web/templates/f.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: f}\ndata: {f: {{ .Files.Get "conf/a.txt" | quote }}}\n',
      'deploy/web/conf/a.txt': 'one',
    });
    const key = await repository.key();

    const { objects } = await repository.render();
    repository.change({ 'deploy/web/conf/a.txt': 'two' });

    expect(objects.map(({ object }) => object.data)).toContainEqual({ f: 'one' });
    expect(await repository.key()).not.toBe(key);
  });

  it('reads values from elsewhere in the repository', async () => {
    const repository = await app({ 'values/common.yaml': 'mode: common\n' }, ['../../values/common.yaml']);

    expect((await repository.render()).objects[0]?.object.data).toMatchObject({ mode: 'common' });
  });

  it('with a values file that does not exist says which', async () => {
    const repository = await app({}, ['values-missing.yaml']);

    await expect(repository.key()).rejects.toMatchObject({
      code: 'RENDER_FAILED',
      message: 'web: the values file deploy/web/values-missing.yaml does not exist',
    });
  });
});

describe('a dependency of a chart', () => {
  it('may lie in charts/', async () => {
    const repository = await app({
      ...dependsOn('- {name: db, version: 1.0.0, alias: store, repository: "https://example.com/charts"}'),
      ...subchart('deploy/web/charts/db', 'db'),
    });

    const { objects } = await repository.render();

    expect(objects.map(({ source }) => source.file)).toContain('deploy/web/charts/db/templates/db.yaml');
  });

  it('may be another folder of the repository, which is part of the key', async () => {
    const repository = await app({
      ...dependsOn('- {name: db, version: 1.0.0, repository: "file://../../charts/db"}'),
      ...subchart('charts/db', 'db'),
    });
    const key = await repository.key();

    const { objects } = await repository.render();
    repository.change({ 'charts/db/templates/db.yaml': configMap('db', 'moved') });

    expect(objects.map(({ source }) => source.file)).toContain('charts/db/templates/db.yaml');
    expect(await repository.key()).not.toBe(key);
  });

  it.each([
    [
      'on the web',
      'https://user:hunter2@example.com/charts',
      'RENDER_REMOTE',
      'helm dependency build deploy/web',
    ],
    ['in a registry', 'oci://example.com/charts', 'RENDER_REMOTE', 'helm dependency build deploy/web'],
    ['at a folder that does not exist', 'file://../nowhere', 'RENDER_FAILED', 'Add the chart'],
    ['outside of the repository', 'file://../../../../etc', 'RENDER_FAILED', 'Add the chart'],
    ['nowhere', '', 'RENDER_FAILED', 'Add the chart'],
  ])('%s is an error that says what to do', async (_, repositoryOfChart, code, hint) => {
    const repository = await app(
      dependsOn(`- name: db\n  version: 1.0.0\n  repository: "${repositoryOfChart}"`),
    );

    const error = await repository.key().catch((caught: unknown) => caught);

    expect(error).toMatchObject({
      code,
      place: { file: 'deploy/web/Chart.yaml', line: 5 },
      hint: expect.stringContaining(hint),
    });
    expect(String(error)).not.toContain('hunter2');
  });
});

describe('an error of Helm', () => {
  it.each([
    ['a missing value', 'kind: {{ .Values.a.b }}\n', 'nil pointer', 'deploy/web/templates/bad.yaml', 1],
    [
      'a required value',
      'x: 1\nkind: {{ required "say the kind" .Values.kind }}\n',
      'say the kind',
      'deploy/web/templates/bad.yaml',
      2,
    ],
    [
      'an action that is not closed',
      'kind: {{ .Values.a\n',
      'unclosed action',
      'deploy/web/templates/bad.yaml',
      2,
    ],
    [
      'output that is not YAML',
      'kind: a\n  x: b\n',
      'YAML parse error',
      'deploy/web/templates/bad.yaml',
      undefined,
    ],
  ])('about %s names the app, the file and the line', async (_, template, words, file, line) => {
    const repository = await app({ 'deploy/web/templates/bad.yaml': template });

    await expect(repository.render()).rejects.toMatchObject({
      code: 'RENDER_FAILED',
      message: expect.stringMatching(new RegExp(`^web: .*${words}`)),
      place: { file, line },
    });
  });

  it('about values names their file', async () => {
    const repository = await app({ 'deploy/web/values-production.yaml': 'a: 1\nb: [\n' });

    await expect(repository.render()).rejects.toMatchObject({
      code: 'RENDER_FAILED',
      message: expect.stringContaining('deploy/web/values-production.yaml'),
      place: { file: 'deploy/web/values-production.yaml' },
    });
  });

  it('about the schema of values says what it wants', async () => {
    const repository = await app({ 'deploy/web/values.schema.json': '{"required": ["replicas"]}' });

    await expect(repository.render()).rejects.toThrow(/missing property 'replicas'/);
  });

  it('about the schema of values names the values file, its line and the key', async () => {
    const repository = await app({
      'deploy/web/values.schema.json': '{"properties": {"replicas": {"type": "integer"}}}',
      'deploy/web/values-production.yaml': 'mode: production\nreplicas: three\n',
    });

    await expect(repository.render()).rejects.toMatchObject({
      code: 'RENDER_FAILED',
      message: expect.stringMatching(/replicas is wrong: got string, want integer/),
      place: { file: 'deploy/web/values-production.yaml', line: 2 },
    });
  });
});
