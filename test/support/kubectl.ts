import { execFile } from 'node:child_process';
import { deploymentHealth } from '../../src/health/kinds/deployment.ts';
import type { KubeObject } from '../../src/model/object.ts';
import { sandbox } from './sandbox.ts';
import { eventually } from './slipway.ts';

/**
 * Runs kubectl against the sandbox and returns what it printed.
 * @throws Error with its words when it fails.
 */
export function kubectl(args: readonly string[], stdin = ''): Promise<string> {
  const { programs, kubeconfig } = sandbox();
  return new Promise((resolve, reject) => {
    const child = execFile(
      programs.kubectl,
      [`--kubeconfig=${kubeconfig}`, ...args],
      { maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`kubectl ${args.join(' ')}: ${stderr}`));
      },
    );
    child.stdin?.end(stdin);
  });
}

/** Lets the pods go that the sandbox holds (images `:held`), until their Deployments are rolled out. */
export async function letGo(namespace: string, kubeconfig = sandbox().kubeconfig): Promise<void> {
  const there = [`--kubeconfig=${kubeconfig}`, '-n', namespace];
  await eventually('the rollout of what was held', async () => {
    await kubectl(['annotate', 'pods', '--all', '--overwrite', 'sandbox/held=no', ...there]);
    const { items } = JSON.parse(await kubectl(['get', 'deployments', '-o', 'json', ...there]));
    const held = (items as KubeObject[]).filter(({ spec }) => JSON.stringify(spec).includes(':held"'));
    return held.length > 0 && held.every((one) => deploymentHealth(one).state === 'healthy');
  });
}
