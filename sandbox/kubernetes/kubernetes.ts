import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Child, startChild } from '../child.ts';
import { freePorts } from '../ports.ts';
import type { Programs } from '../programs/programs.ts';
import type { ProgramName } from '../programs/table.ts';
import { type Api, openApi } from './api.ts';
import {
  apiServerArguments,
  controllerManagerArguments,
  etcdArguments,
  kwokArguments,
  type Ports,
  schedulerArguments,
} from './arguments.ts';
import { type Certificates, makeCertificates } from './certificates.ts';
import { type Paths, pathsIn, writePaths } from './paths.ts';
import { takesPods, waitUntilReady } from './ready.ts';
import { seed } from './seed.ts';

export interface Kubernetes {
  readonly apiServerUrl: string;
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** The API server alone, for tests of an outage. */
  readonly apiServer: {
    /** SIGTERM (the default) shuts it down; SIGKILL is a crash. */
    stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
    /**
     * Starts it again on its port with its data; returns when it is ready. The controllers, the scheduler and kwok
     * are restarted too: each would otherwise wait up to 30 s before it connects again.
     */
    start(): Promise<void>;
  };
  stop(): Promise<void>;
}

export interface KubernetesOptions {
  /** Folder for data, certificates and logs. */
  dir: string;
  programs: Programs;
}

/** The data that the start of every program needs. */
interface Site {
  programs: Programs;
  paths: Paths;
  ports: Ports;
  url: string;
  certificates: Certificates;
  children: Map<ProgramName, Child>;
}

/**
 * Starts a real control plane (etcd, API server, controllers, scheduler) and kwok, which simulates the kubelets.
 * Returns when both nodes are ready and the namespace `default` accepts pods.
 * @throws Error with the last output of a program that ended.
 */
export async function startKubernetes({ dir, programs }: KubernetesOptions): Promise<Kubernetes> {
  const site = await prepare(join(dir, 'kubernetes'), programs);
  await boot(site).catch(async (error: unknown) => {
    await stopAll(site);
    throw error;
  });
  return {
    apiServerUrl: site.url,
    kubeconfig: site.paths.kubeconfig,
    apiServer: {
      stop: async (signal) => site.children.get('kube-apiserver')?.stop(signal),
      start: async () => {
        await site.children.get('kube-apiserver')?.stop();
        run(site, 'kube-apiserver', apiServerArguments(site.paths, site.ports));
        await asAdmin(site, (api) => waitUntilReady(api, [...site.children.values()]));
        await stopClients(site);
        await startClients(site);
      },
    },
    stop: () => stopAll(site),
  };
}

async function boot(site: Site): Promise<void> {
  const { paths, ports, children } = site;
  run(site, 'etcd', etcdArguments(paths, ports));
  run(site, 'kube-apiserver', apiServerArguments(paths, ports));
  await asAdmin(site, async (api) => {
    await waitUntilReady(api, [...children.values()]);
    await startClients(site);
    await seed(api);
    await takesPods(api, [...children.values()]);
  });
}

const clientNames = ['kube-controller-manager', 'kube-scheduler', 'kwok'] as const;

async function startClients(site: Site): Promise<void> {
  const { paths } = site;
  run(site, 'kube-controller-manager', controllerManagerArguments(paths));
  run(site, 'kube-scheduler', schedulerArguments(paths));
  run(site, 'kwok', kwokArguments(paths, await stageFiles()));
}

async function stopClients({ children }: Site): Promise<void> {
  await Promise.all(clientNames.map((name) => children.get(name)?.stop('SIGKILL')));
}

/** Nothing is needed afterwards, so the programs are killed. */
async function stopAll({ children }: Site): Promise<void> {
  await Promise.all([...children.values()].map((child) => child.stop('SIGKILL')));
}

async function prepare(dir: string, programs: Programs): Promise<Site> {
  const paths = pathsIn(dir);
  await mkdir(join(dir, 'logs'), { recursive: true });
  const [etcd = 0, etcdPeer = 0, apiServer = 0] = await freePorts(3);
  const url = `https://127.0.0.1:${apiServer}`;
  const certificates = await makeCertificates();
  await writePaths(paths, certificates, url);
  return { programs, paths, ports: { etcd, etcdPeer, apiServer }, url, certificates, children: new Map() };
}

function run({ programs, paths, children }: Site, name: ProgramName, args: string[]): void {
  const child = startChild({
    name,
    program: programs[name],
    args,
    logFile: join(paths.dir, 'logs', `${name}.log`),
    // kwok reads settings from the home folder; those of the user must not apply here.
    env: { PATH: process.env.PATH, HOME: paths.dir },
    cwd: paths.dir,
  });
  children.set(name, child);
}

async function asAdmin(site: Site, work: (api: Api) => Promise<void>): Promise<void> {
  const { authority, admin } = site.certificates;
  const api = openApi({ url: site.url, authority: authority.certificate, admin });
  await work(api).finally(() => api.close());
}

async function stageFiles(): Promise<string[]> {
  const folder = join(import.meta.dirname, '..', 'stages');
  const names = await readdir(folder);
  return names
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => join(folder, name));
}
