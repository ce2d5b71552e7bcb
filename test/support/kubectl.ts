import { execFile } from 'node:child_process';
import { sandbox } from './sandbox.ts';

/**
 * Runs kubectl against the sandbox and returns what it printed.
 * @throws Error with the command and its stderr when it fails.
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
    // A kubectl that ended without reading it (EPIPE) reports in its exit code whether it failed.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(stdin);
  });
}
