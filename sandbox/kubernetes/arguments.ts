import { join } from 'node:path';
import type { Paths } from './paths.ts';

export interface Ports {
  etcd: number;
  etcdPeer: number;
  apiServer: number;
}

/** The command lines of a control plane: one table a program, so that each reads like its manual page. */
export function etcdArguments(paths: Paths, ports: Ports): string[] {
  const client = `http://127.0.0.1:${ports.etcd}`;
  const peer = `http://127.0.0.1:${ports.etcdPeer}`;
  return flags({
    'data-dir': join(paths.dir, 'etcd'),
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `default=${peer}`,
    'unsafe-no-fsync': true, // the data live as long as the sandbox
    'log-level': 'warn',
  });
}

export function apiServerArguments(paths: Paths, ports: Ports): string[] {
  return flags({
    'etcd-servers': `http://127.0.0.1:${ports.etcd}`,
    'bind-address': '127.0.0.1',
    'secure-port': ports.apiServer,
    // On a machine without a default route the server finds no address of its own; nothing uses this one.
    'advertise-address': '192.0.2.1',
    'endpoint-reconciler-type': 'none',
    'tls-cert-file': paths.serverCertificate,
    'tls-private-key-file': paths.serverKey,
    'client-ca-file': paths.authority,
    'authorization-mode': 'RBAC',
    'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
    'service-account-key-file': paths.tokenPublicKey,
    'service-account-signing-key-file': paths.tokenKey,
    'service-cluster-ip-range': '10.96.0.0/16',
    'allow-privileged': true,
    // Nodes are ready when they are created; see the disabled controllers below.
    'disable-admission-plugins': 'TaintNodesByCondition',
    profiling: false,
  });
}

/**
 * The controllers of nodes are off: no kubelet sends heartbeats, and a test may stop the API server for minutes. Requests
 * are not throttled, because a hundred rollouts at once would otherwise measure the throttle.
 */
export function controllerManagerArguments(paths: Paths): string[] {
  const off = ['node-lifecycle-controller', 'taint-eviction-controller', 'node-ipam-controller'];
  return flags({
    kubeconfig: paths.kubeconfig,
    controllers: ['*', ...off.map((name) => `-${name}`)].join(','),
    'leader-elect': false,
    'service-account-private-key-file': paths.tokenKey,
    'root-ca-file': paths.authority,
    'secure-port': 0,
    'kube-api-qps': 1000,
    'kube-api-burst': 2000,
    profiling: false,
  });
}

export function schedulerArguments(paths: Paths): string[] {
  return flags({
    kubeconfig: paths.kubeconfig,
    'leader-elect': false,
    'secure-port': 0,
    'kube-api-qps': 1000,
    'kube-api-burst': 2000,
    profiling: false,
  });
}

export function kwokArguments(paths: Paths, stages: readonly string[]): string[] {
  const settings = flags({
    kubeconfig: paths.kubeconfig,
    'manage-all-nodes': true,
    'node-lease-duration-seconds': 0,
  });
  return [...settings, ...stages.map((file) => `--config=${file}`)];
}

function flags(settings: Record<string, string | number | boolean>): string[] {
  return Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
}
