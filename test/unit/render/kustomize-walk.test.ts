import { describe, expect, it } from 'vitest';
import type { Reach } from '../../../src/render/reach.ts';
import { Reaches } from '../../../src/render/reaches.ts';
import { MemoryTree } from '../../support/memory-tree.ts';
import { aTarget } from '../../support/targets.ts';

/** What the app at deploy/web reaches, found without a program. */
function walk(kustomization: string, more: Record<string, string> = {}): Promise<Reach> {
  const files = { 'deploy/web/kustomization.yaml': kustomization, 'deploy/web/a.yaml': 'a: 1\n', ...more };
  return new Reaches(100).of(aTarget(), new MemoryTree(files));
}

describe('Kustomize is not started for', () => {
  it.each([
    ['a file on the web', 'resources:\n- a.yaml\n- https://example.com/x.yaml\n', 'RENDER_REMOTE', 3],
    ['a base in another repository', 'resources:\n- github.com/acme/base//x?ref=v1\n', 'RENDER_REMOTE', 2],
    ['a base over SSH', 'resources:\n- git@github.com:acme/base.git\n', 'RENDER_REMOTE', 2],
    ['a remote component', 'components:\n- https://user:hunter2@example.com/x//y\n', 'RENDER_REMOTE', 2],
    ['a remote patch', 'patches:\n- path: https://example.com/x.yaml\n', 'RENDER_REMOTE', 2],
    [
      'a remote chart',
      'helmCharts:\n- name: redis\n  repo: https://example.com/charts\n  version: 1.2.3\n',
      'RENDER_REMOTE',
      2,
    ],
    ['a path out of the repository', 'resources:\n- ../../../x.yaml\n', 'RENDER_FAILED', 2],
    ['an absolute path', 'configMapGenerator:\n- name: x\n  files: [/etc/passwd]\n', 'RENDER_FAILED', 3],
    ['a missing file', 'resources:\n- a.yaml\n- b.yaml\n', 'RENDER_FAILED', 3],
    ['a missing env file', 'secretGenerator:\n- name: x\n  envs:\n  - .env\n', 'RENDER_FAILED', 4],
    ['a folder without kustomization', 'resources:\n- ../empty\n', 'RENDER_FAILED', 2],
    ['a plugin that is a program', 'generators:\n- exec.yaml\n', 'RENDER_FAILED', undefined],
    ['a symbolic link', 'resources:\n- link.yaml\n', 'RENDER_FAILED', 2],
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
    ['a file that is not YAML', 'resources: [\n', 'OBJECT_INVALID', 2],
  ])('%s', async (_, kustomization, code, line) => {
    const error = await walk(kustomization, {
      'deploy/empty/x.txt': '',
      'deploy/web/exec.yaml':
        'apiVersion: example.com/v1\nkind: Evil\nmetadata:\n  name: x\n  annotations:\n    config.kubernetes.io/function: "exec: {path: ./evil.sh}"\n',
      'deploy/web/link.yaml': 'link:/etc/passwd',
    }).catch((caught: unknown) => caught);

    expect(error).toMatchObject({ code, place: { file: 'deploy/web/kustomization.yaml', line } });
    expect(String(error)).not.toContain('hunter2');
  });

  it('a remote base of a base, and the error names the file that refers to it', async () => {
    const walked = walk('resources: [../base]\n', {
      'deploy/base/kustomization.yaml': '# shared\nresources:\n- https://github.com/acme/x//base?ref=v1\n',
    });

    await expect(walked).rejects.toMatchObject({
      code: 'RENDER_REMOTE',
      place: { file: 'deploy/base/kustomization.yaml', line: 3 },
      hint: expect.stringContaining('kustomize localize'),
    });
  });
});
