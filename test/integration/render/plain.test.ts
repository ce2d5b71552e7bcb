import { describe, expect, it } from 'vitest';
import { configMap, RenderedRepository } from '../../support/render.ts';

describe('an app of plain manifests', () => {
  it('is rendered with the file and line of each object', async () => {
    const repository = await RenderedRepository.create({
      'deploy/web/a.yaml': `${configMap('a')}---\n${configMap('b')}`,
      'deploy/web/sub/c.json': '{"apiVersion":"v1","kind":"Service","metadata":{"name":"c"}}',
    });

    const { objects, cached } = await repository.render();

    expect(
      objects.map(({ object, source }) => `${object.metadata.name} ${source.file}:${source.line}`),
    ).toEqual(['a deploy/web/a.yaml:1', 'b deploy/web/a.yaml:8', 'c deploy/web/sub/c.json:1']);
    expect(cached).toBe(false);
  });

  it('whose folder is missing says so', async () => {
    const repository = await RenderedRepository.create({ 'README.md': 'hi' });

    await expect(repository.key()).rejects.toMatchObject({
      code: 'PATH_MISSING',
      message: 'web: the folder deploy/web does not exist',
    });
  });

  it('moves its key with its manifests and its options, and with nothing else', async () => {
    const repository = await RenderedRepository.create({
      'deploy/web/a.yaml': configMap('a'),
      'deploy/other/a.yaml': configMap('a'),
    });
    const key = await repository.key();

    repository.change({});
    repository.change({
      'deploy/other/a.yaml': configMap('b'),
      'deploy/web/README.md': 'hello',
      'x.txt': '1',
    });
    expect(await repository.key()).toBe(key);

    expect(await repository.key({ namespace: 'other' })).not.toBe(key);
    expect(await repository.key({ cluster: 'other' })).not.toBe(key);
    // What is no longer ignored is to be applied again.
    expect(await repository.key({ ignore: [{ kind: 'ConfigMap', path: 'data' }] })).not.toBe(key);
    expect(await repository.key({ ignore: [], mask: [{ kind: 'ConfigMap', path: 'data' }] })).toBe(key);
    repository.change({ 'deploy/web/sub/b.yaml': configMap('b') });
    const added = await repository.key();
    expect(added).not.toBe(key);
    repository.change({ 'deploy/web/sub/b.yaml': null });
    expect(await repository.key()).toBe(key);
    expect(repository.clusterCalls).toBe(0);
  });
});
