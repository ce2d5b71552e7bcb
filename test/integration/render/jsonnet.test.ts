import { describe, expect, it } from 'vitest';
import { RenderedRepository } from '../../support/render.ts';

const files = {
  'deploy/web/main.jsonnet':
    "local k = import 'k.libsonnet';\nlocal own = import '../shared/own.libsonnet';\nfunction(replicas=1) {\n  config: k.configMap('web', { r: std.toString(replicas), region: std.extVar('region'), own: own }),\n  more: [k.configMap('other', {})],\n}\n",
  'deploy/web/notes.libsonnet': 'not read',
  'deploy/shared/own.libsonnet': "'mine'\n",
  'lib/k.libsonnet':
    "{ configMap(name, data): { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: name }, data: data } }\n",
};

const jsonnet = {
  libraries: ['../../lib'],
  arguments: { replicas: 3 },
  variables: { region: 'eu' },
};
const app = (more: Record<string, string> = {}, options = jsonnet) =>
  RenderedRepository.create({ ...files, ...more }, { renderer: 'jsonnet', jsonnet: options });

describe('an app of Jsonnet', () => {
  it('is rendered with its libraries, arguments and variables', async () => {
    const repository = await app();

    const { objects } = await repository.render();

    expect(objects.map(({ object, source }) => [object.metadata.name, source.file])).toEqual([
      ['web', 'deploy/web/main.jsonnet'],
      ['other', 'deploy/web/main.jsonnet'],
    ]);
    expect(objects[0]?.object.data).toEqual({ r: '3', region: 'eu', own: 'mine' });
  });

  it.each(Object.keys(files).filter((file) => !file.includes('notes')))(
    'moves its key with %s',
    async (file) => {
      const repository = await app();
      const key = await repository.key();

      repository.change({ [file]: `${files[file as keyof typeof files]}// moved\n` });
      expect(await repository.key()).not.toBe(key);
    },
  );

  it('moves its key with its options, and not with files that it does not import', async () => {
    const repository = await app();
    const key = await repository.key();

    expect(await repository.key({ jsonnet: { ...jsonnet, arguments: { replicas: 4 } } })).not.toBe(key);
    repository.change({ 'lib/other.libsonnet': '{}', 'deploy/web/README.md': 'x' });
    expect(await repository.key()).toBe(key);
  });

  it.each([
    ['imports a file of the host', "import '/etc/passwd'\n"],
    ['imports out of the repository', "importstr '../../../../../etc/passwd'\n"],
    ['does not end', 'local f(x) = f(x + 1); f(0)\n'],
    ['is wrong', '{ a: \n'],
  ])('that %s is refused with a file', async (_, text) => {
    const repository = await app({ 'deploy/web/main.jsonnet': text });

    const error = await repository.render().catch((caught: unknown) => caught);

    expect(error).toMatchObject({
      code: expect.stringMatching(/^(RENDER_|OBJECT_INVALID)/),
      place: { file: 'deploy/web/main.jsonnet' },
    });
    expect(String(error)).not.toContain('root:');
  });
});
