import { describe, expect, it } from 'vitest';
import { RenderedRepository } from '../../support/render.ts';

const render = async (kustomization: string, more: Record<string, string> = {}) =>
  (
    await RenderedRepository.create({
      'deploy/web/kustomization.yaml': kustomization,
      'deploy/web/a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n',
      ...more,
    })
  ).render();

describe('Kustomize gets nothing from', () => {
  it.each([
    ['a file on the web', 'resources:\n- a.yaml\n- https://example.com/x.yaml\n', 'RENDER_REMOTE', 3],
    ['a base in another repository', 'resources:\n- github.com/acme/base//x?ref=v1\n', 'RENDER_REMOTE', 2],
    ['a base over SSH', 'resources:\n- git@github.com:acme/base.git\n', 'RENDER_REMOTE', 2],
    ['a remote component', 'components:\n- https://user:hunter2@example.com/x//y\n', 'RENDER_REMOTE', 2],
    [
      'a remote chart',
      'helmCharts:\n- name: redis\n  repo: https://example.com/charts\n  version: 1.2.3\n',
      'RENDER_REMOTE',
      2,
    ],
    ['a path out of the repository', 'resources:\n- ../../../x.yaml\n', 'RENDER_FAILED', 2],
    ['a missing file', 'resources:\n- a.yaml\n- b.yaml\n', 'RENDER_FAILED', 3],
    [
      'options smuggled into a release name',
      'helmCharts:\n- name: db\n  releaseName: --post-renderer=x\n',
      'RENDER_FAILED',
      3,
    ],
    [
      'a configuration folder of Helm',
      'helmGlobals: {configHome: /tmp/x}\nhelmCharts:\n- name: db\n',
      'RENDER_FAILED',
      1,
    ],
    [
      'a tag that is read as a number',
      'resources: [a.yaml]\nimages:\n- {name: web, newTag: 706798e8}\n',
      'RENDER_FAILED',
      3,
    ],
  ])('%s', async (_, kustomization, code, line) => {
    const error = await render(kustomization).catch((caught: unknown) => caught);

    expect(error).toMatchObject({ code, place: { file: 'deploy/web/kustomization.yaml', line } });
    expect(String(error)).not.toContain('hunter2');
  });

  it.each([
    ['a remote patch', 'patches:\n- path: https://example.com/x.yaml\n'],
    ['an absolute path', 'configMapGenerator:\n- name: x\n  files: [/etc/passwd]\n'],
    ['a missing env file', 'secretGenerator:\n- name: x\n  envs:\n  - .env\n'],
    ['a folder without kustomization', 'resources:\n- ../empty\n'],
    ['a plugin that is a program', 'generators:\n- exec.yaml\n'],
    ['a link out of the repository', 'resources:\n- link.yaml\n'],
    ['a file that is not YAML', 'resources: [\n'],
  ])('%s, and the error names a file of the repository', async (_, kustomization) => {
    const error = await render(kustomization, {
      'deploy/empty/x.txt': '',
      'deploy/web/exec.yaml':
        'apiVersion: example.com/v1\nkind: Evil\nmetadata:\n  name: x\n  annotations:\n    config.kubernetes.io/function: "exec: {path: ./evil.sh}"\n',
      'deploy/web/link.yaml': 'link:/etc/passwd',
    }).catch((caught: unknown) => caught);

    expect(error).toMatchObject({
      code: expect.stringMatching(/^RENDER_|^OBJECT_INVALID/),
      place: { file: expect.stringMatching(/^deploy\/(web|empty)/) },
    });
    expect(String(error)).not.toMatch(/\/repository|root:x|%!|\{[A-Z]\w+:/);
  });

  it('a remote base of a base, and the error names the file that refers to it', async () => {
    await expect(
      render('resources: [../base]\n', {
        'deploy/base/kustomization.yaml': '# shared\nresources:\n- https://github.com/acme/x//base?ref=v1\n',
      }),
    ).rejects.toMatchObject({
      code: 'RENDER_REMOTE',
      place: { file: 'deploy/base/kustomization.yaml', line: 3 },
      hint: expect.stringContaining('kustomize localize'),
    });
  });
});
