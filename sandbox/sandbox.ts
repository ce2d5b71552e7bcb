import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from './folder.ts';
import { type Forge, startForge } from './forge/forge.ts';
import { type Kubernetes, startKubernetes } from './kubernetes/kubernetes.ts';
import { findPrograms, type Programs } from './programs/programs.ts';
import { type RedisServer, startRedis } from './redis/redis.ts';

export interface Sandbox {
  /** Private temporary folder of the sandbox's files; removed with the sandbox. */
  readonly dir: string;
  readonly redisUrl: string;
  /** Undefined if REDIS_URL names a server that the sandbox must not stop. */
  readonly redis: RedisServer | undefined;
  readonly kubernetes: Kubernetes;
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  readonly apiServerUrl: string;
  /** Addresses and tokens of both faces and of the admin interface. */
  readonly forge: Forge;
  /** Absolute path of every program. */
  readonly programs: Programs;
  /** Folder with helm, kustomize, kubectl and slipway-engine, for a PATH. */
  readonly bin: string;
  stop(): Promise<void>;
}

export interface SandboxOptions {
  /** Called with each line of progress. */
  log?: (line: string) => void;
}

/**
 * Starts Redis, a Kubernetes control plane and the forge. They end with this process, however it ends, and the
 * folder of their data is removed.
 * @throws Error that names the missing program, or the service that ended with its last output.
 */
export async function startSandbox({ log = () => undefined }: SandboxOptions = {}): Promise<Sandbox> {
  const programs = await findPrograms(log);
  const folder = await makeFolder();
  const services: Service[] = [];
  const stop = async () => {
    await Promise.all(services.map((service) => service.stop())).finally(() => folder.remove());
  };
  try {
    return { ...(await startServices(folder.path, programs, { log, services })), programs, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Service {
  stop(): Promise<void>;
}

interface Start {
  log: (line: string) => void;
  /** Each service is added as soon as it runs, so that a failure of the next one can stop it. */
  services: Service[];
}

async function startServices(
  dir: string,
  programs: Programs,
  { log, services }: Start,
): Promise<Omit<Sandbox, 'programs' | 'stop'>> {
  const keep = <T extends Service>(service: T): T => {
    services.push(service);
    return service;
  };
  const externalRedis = process.env.REDIS_URL;
  const redis = externalRedis === undefined ? keep(await startRedis({ dir, log })) : undefined;
  const forge = keep(await startForge({ dir: join(dir, 'forge') }));
  const kubernetes = keep(await startKubernetes({ dir, programs }));
  const { kubeconfig, apiServerUrl } = kubernetes;
  const redisUrl = redis?.url ?? externalRedis ?? '';
  const bin = await linkPrograms(dir, programs);
  return { dir, redis, redisUrl, kubernetes, kubeconfig, apiServerUrl, forge, bin };
}

async function linkPrograms(dir: string, programs: Programs): Promise<string> {
  const bin = join(dir, 'bin');
  await mkdir(bin);
  for (const name of ['helm', 'kustomize', 'kubectl', 'slipway-engine'] as const)
    await symlink(programs[name], join(bin, name));
  return bin;
}
