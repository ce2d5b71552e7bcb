import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { ExecAuth } from '@kubernetes/client-node/dist/exec_auth.js';
import type { Authenticator } from './authenticator.ts';
import type { KubeContext } from './kubeconfig.ts';

/** Longer than a cloud takes to give out a token; kubectl waits for ever, but there somebody sits in front of it. */
const patienceMs = 30_000;

/**
 * The credential plugins of kubeconfigs: each is told what client-go tells it, and ended with all it started where it
 * does not answer in time.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */
export function execPlugins(waitMs = patienceMs): Authenticator {
  const auth = new ExecAuth();
  Object.assign(auth, {
    execFn: (command: string, args: string[] | undefined, options: SpawnOptions) =>
      within(waitMs, spawn(command, args ?? [], { ...options, detached: true })),
  });
  return {
    isAuthProvider: (user) => auth.isAuthProvider(user),
    applyAuthentication: (user, options, cluster) =>
      auth.applyAuthentication(informed(user, cluster), options),
  };
}

function within(waitMs: number, child: ChildProcess): ChildProcess {
  const timer = setTimeout(() => {
    // Without a pid it did not even start.
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }, waitMs);
  child.once('close', () => clearTimeout(timer));
  return child;
}

function informed(user: KubeContext['user'], cluster: KubeContext['cluster']): KubeContext['user'] {
  const { exec } = user;
  if (!exec) return user;
  const about = { server: cluster.server, 'certificate-authority-data': cluster.caData };
  const info = {
    apiVersion: exec.apiVersion,
    kind: 'ExecCredential',
    spec: { interactive: false, ...(exec.provideClusterInfo ? { cluster: about } : {}) },
  };
  const variable = { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) };
  return { ...user, exec: { ...exec, env: [...(exec.env ?? []), variable] } };
}
