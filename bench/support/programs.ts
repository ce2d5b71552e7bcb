import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import type { KubeObject } from '../../src/model/object.ts';

const run = promisify(execFile);
const MAX_OUTPUT = 64 * 1024 * 1024;

/** Applies the objects with a program; resolves to milliseconds. */
export type ApplyByProgram = (objects: KubeObject[]) => Promise<number>;

export function kubectlApply({ programs, kubeconfig, dir }: Sandbox, namespace: string): ApplyByProgram {
  return async (objects) => {
    const file = join(dir, 'kubectl-apply.yaml');
    await writeFile(file, manifestOf(objects));
    const args = ['--kubeconfig', kubeconfig, '-n', namespace, 'apply', '--server-side', '-f', file];
    return timed(programs.kubectl, args);
  };
}

export function helmUpgrade({ programs, kubeconfig, dir }: Sandbox, namespace: string): ApplyByProgram {
  return async (objects) => {
    const chart = join(dir, 'helm-chart');
    await mkdir(join(chart, 'templates'), { recursive: true });
    await writeFile(
      join(chart, 'Chart.yaml'),
      stringify({ apiVersion: 'v2', name: 'bench', version: '1.0.0' }),
    );
    await writeFile(join(chart, 'templates', 'all.yaml'), manifestOf(objects));
    return timed(programs.helm, [
      '--kubeconfig',
      kubeconfig,
      '-n',
      namespace,
      'upgrade',
      '--install',
      'bench',
      chart,
    ]);
  };
}

function manifestOf(objects: KubeObject[]): string {
  return objects.map((object) => stringify(object)).join('---\n');
}

async function timed(program: string, args: string[]): Promise<number> {
  const started = performance.now();
  await run(program, args, { maxBuffer: MAX_OUTPUT });
  return performance.now() - started;
}
