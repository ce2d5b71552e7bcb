import { describe, expect, it } from 'vitest';
import { configMap, RenderedRepository } from '../../support/render.ts';

const FILE = 'deploy/web/x.yaml';

const rendered = async (text: string) =>
  (await (await RenderedRepository.create({ [FILE]: text })).render()).objects;

const failing = async (text: string) => rendered(text).catch((error: unknown) => error);

const value = async (text: string) => {
  const [found] = await rendered(`apiVersion: v1\nkind: A\nmetadata: {name: a}\na: ${text}\n`);
  return found?.object.a;
};

describe('scalars are read as by kubectl', () => {
  it.each([
    ['0644', 420],
    ['0o644', 420],
    ['0b11', 3],
    ['1_000', 1000],
    ['0x1F', 31],
    ['-0x1f', -31],
    ['08', 8],
    ['+7', 7],
    ['1.50', 1.5],
    ['1e3', 1000],
    ['.5', 0.5],
    ['yes', true],
    ['Off', false],
    ['"yes"', 'yes'],
    ['~', null],
    ['', null],
    ['2001-01-01', '2001-01-01'],
    ['22:22', '22:22'],
    ['1.2.3', '1.2.3'],
    ['_1', '_1'],
    ['!!str 12', '12'],
    ['!env X', 'X'],
    ['7e06798', '7e06798'],
    ['[ "/bin/sh",\n"-c" ]', ['/bin/sh', '-c']],
  ])('%s is %j', async (text, expected) => {
    expect(await value(text)).toEqual(expected);
  });

  it('merges with <<, and has keys such as y and n', async () => {
    expect(await value('{x: &b {x: 1}, y: {<<: *b, z: 2}, n: 3}')).toEqual({
      x: { x: 1 },
      true: { x: 1, z: 2 },
      false: 3,
    });
  });
});

describe('documents', () => {
  it('have the line on which they start, without the empty ones', async () => {
    const objects = await rendered(
      `# head\n---\n${configMap('a')}---\n\n# note\n${configMap('b')}---\n---\n`,
    );

    expect(objects.map(({ object, source }) => [object.metadata.name, source.line])).toEqual([
      ['a', 3],
      ['b', 12],
    ]);
  });

  it('may be several JSON objects in one file, and UTF-16 with a byte order mark', async () => {
    const json = (name: string) => `{"apiVersion":"v1","kind":"Service","metadata":{"name":"${name}"}}`;
    expect((await rendered(`${json('a')}\n\n${json('b')}`)).map(({ source }) => source.line)).toEqual([1, 3]);
  });

  it('in nested lists are flattened, and typed lists give their items a type', async () => {
    const inner = '{apiVersion: v1, kind: ConfigMapList, items: [{metadata: {name: c}}]}';
    const objects = await rendered(
      `apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: s}}\n- ${inner}\n`,
    );

    expect(
      objects.map(({ object }) => `${object.apiVersion} ${object.kind} ${object.metadata.name}`),
    ).toEqual(['v1 Secret s', 'v1 ConfigMap c']);
  });

  it.each([
    ['no apiVersion', 'kind: ConfigMap\nmetadata: {name: a}', 'a has no apiVersion'],
    ['no kind', 'apiVersion: v1\nmetadata: {name: a}', 'a has no kind'],
    ['no name', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {}', 'ConfigMap has no metadata.name'],
    ['no metadata', 'apiVersion: v1\nkind: ConfigMap', 'ConfigMap has no metadata.name'],
    [
      'only generateName',
      'apiVersion: v1\nkind: Job\nmetadata: {generateName: x-}',
      'Job has no metadata.name',
    ],
    ['plain text', 'hello', 'not a Kubernetes object'],
    [
      'a file of Kustomize',
      'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nmetadata: {name: a}',
      'belongs to Kustomize',
    ],
  ])('with %s are refused with the line', async (_, text, message) => {
    expect(await failing(`\n${text}`)).toMatchObject({
      code: 'OBJECT_INVALID',
      place: { file: FILE, line: 2 },
      message: expect.stringContaining(message),
    });
  });

  it.each([
    ['a duplicate key', 'a: 1\nb: 2\na: 3\n', 3, 'the key a stands twice'],
    ['a wrong indent', 'a:\n  b: 1\n c: 2\n', 2, 'not valid YAML'],
    ['a number that JSON cannot say', `${configMap('a')}x: .inf\n`, 1, 'not valid YAML'],
  ])('with %s are refused with the line', async (_, text, line, message) => {
    expect(await failing(text)).toMatchObject({
      code: 'OBJECT_INVALID',
      place: { file: FILE, line },
      message: expect.stringContaining(message),
    });
  });

  it('do not show their text in an error, because it may be a secret', async () => {
    expect(String(await failing('password: "hunter2\n'))).not.toContain('hunter2');
  });

  it('with aliases that stand for billions of values are refused', async () => {
    const levels = Array.from(
      { length: 20 },
      (_, n) => `l${n + 1}: &l${n + 1} [*l${n}, *l${n}, *l${n}, *l${n}]`,
    );
    const text = `apiVersion: v1\nkind: A\nmetadata: {name: a}\nl0: &l0 [x]\n${levels.join('\n')}\n`;

    expect(await failing(text)).toMatchObject({ code: 'OBJECT_INVALID', place: { file: FILE } });
  });
});

describe('the files of a folder', () => {
  it('are read through links inside of the repository, those that leave it are refused', async () => {
    const repository = await RenderedRepository.create({
      'deploy/web/a.yaml': 'link:../../shared/a.yaml',
      'shared/a.yaml': configMap('shared'),
    });
    expect((await repository.render()).objects.map(({ object }) => object.metadata.name)).toEqual(['shared']);

    repository.change({ 'deploy/web/a.yaml': 'link:../../../../etc/passwd' });
    await expect(repository.render()).rejects.toMatchObject({
      code: 'RENDER_FAILED',
      place: { file: 'deploy/web/a.yaml' },
      message: 'web: deploy/web/a.yaml is a symbolic link that leaves the repository',
    });
  });

  it('are its YAML and JSON files, including nested folders, without hidden ones and slipway.yaml', async () => {
    const repository = await RenderedRepository.create(
      {
        'b.yml': configMap('b'),
        'a.yaml': configMap('a'),
        'sub/deep/c.json': '{"apiVersion":"v1","kind":"Service","metadata":{"name":"c"}}',
        'README.md': '',
        '.github/workflow.yaml': 'x',
        '.hidden.yaml': 'x',
        'slipway.yaml': 'version: 1',
      },
      { path: '.' },
    );

    expect((await repository.render()).objects.map(({ object }) => object.metadata.name)).toEqual([
      'a',
      'b',
      'c',
    ]);
  });
});
