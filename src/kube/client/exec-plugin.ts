import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { ExecAuth } from '@kubernetes/client-node/dist/exec_auth.js';
import type { Authenticator } from './authenticator.ts';
import type { KubeContext } from './kubeconfig.ts';

/** Longer than a cloud needs to issue a token. kubectl has no timeout, because a user can interrupt it. */
const timeoutMs = 30_000;

/**
 * The credential plugins of kubeconfigs. A plugin gets the same environment as from client-go. If it times out, it and
 * all processes that it started are killed.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */
export function execPlugins(waitMs = timeoutMs): Authenticator {
  const auth = new ExecAuth();
  Object.assign(auth, {
    execFn: (command: string, args: string[] | undefined, options: SpawnOptions) =>
      withTimeout(waitMs, spawn(command, args ?? [], { ...options, detached: true })),
  });
  return {
    isAuthProvider: (user) => auth.isAuthProvider(user),
    applyAuthentication: (user, options, cluster) =>
      auth.applyAuthentication(withExecInfo(user, cluster), options),
  };
}

function withTimeout(waitMs: number, child: ChildProcess): ChildProcess {
  const timer = setTimeout(() => {
    // Without a pid the plugin did not start.
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }, waitMs);
  child.once('close', () => clearTimeout(timer));
  return child;
}

function withExecInfo(user: KubeContext['user'], cluster: KubeContext['cluster']): KubeContext['user'] {
  const { exec } = user;
  if (!exec) return user;
  const clusterInfo = { server: cluster.server, 'certificate-authority-data': cluster.caData };
  const info = {
    apiVersion: exec.apiVersion,
    kind: 'ExecCredential',
    spec: { interactive: false, ...(exec.provideClusterInfo ? { cluster: clusterInfo } : {}) },
  };
  const variable = { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) };
  return { ...user, exec: { ...exec, env: [...(exec.env ?? []), variable] } };
}
