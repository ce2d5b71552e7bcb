import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from './folder.ts';
import { type Forge, startForge } from './forge/forge.ts';
import { type Kubernetes, startKubernetes } from './kubernetes/kubernetes.ts';
import { findPrograms, type Programs } from './programs/programs.ts';
import { type RedisServer, startRedis } from './redis/redis.ts';

export interface Sandbox {
  /** Private temporary folder of everything in it; gone with the sandbox. */
  readonly dir: string;
  readonly redisUrl: string;
  /** Absent when REDIS_URL names a server that is not ours to stop. */
  readonly redis: RedisServer | undefined;
  readonly kubernetes: Kubernetes;
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  readonly apiServerUrl: string;
  /** Addresses and tokens of both faces and of the admin interface. */
  readonly forge: Forge;
  /** Absolute path of every program. */
  readonly programs: Programs;
  /** Folder with helm, kustomize and kubectl, for a PATH. */
  readonly bin: string;
  stop(): Promise<void>;
}

export interface SandboxOptions {
  /** Takes lines of progress. */
  log?: (line: string) => void;
}

/**
 * Starts Redis, a Kubernetes control plane and the forge. They end with this process, however it ends, and the
 * folder of their data is removed.
 * @throws Error that says what is missing (a program, Redis) or which part ended, with its last words.
 */
export async function startSandbox({ log = () => undefined }: SandboxOptions = {}): Promise<Sandbox> {
  const programs = await findPrograms(log);
  const folder = await makeFolder();
  const started: { stop(): Promise<void> }[] = [];
  const stop = async () => {
    await Promise.all(started.map((part) => part.stop())).finally(() => folder.remove());
  };
  const keep = <T extends { stop(): Promise<void> }>(part: T): T => {
    started.push(part);
    return part;
  };
  try {
    const dir = folder.path;
    const externalRedis = process.env.REDIS_URL;
    const redis = externalRedis === undefined ? keep(await startRedis({ dir, log })) : undefined;
    const forge = keep(await startForge({ dir: join(dir, 'forge') }));
    const kubernetes = keep(await startKubernetes({ dir, programs }));
    const bin = await linkPrograms(dir, programs);
    return {
      dir,
      redis,
      redisUrl: redis?.url ?? externalRedis ?? '',
      kubernetes,
      kubeconfig: kubernetes.kubeconfig,
      apiServerUrl: kubernetes.apiServerUrl,
      forge,
      programs,
      bin,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function linkPrograms(dir: string, programs: Programs): Promise<string> {
  const bin = join(dir, 'bin');
  await mkdir(bin);
  for (const name of ['helm', 'kustomize', 'kubectl'] as const)
    await symlink(programs[name], join(bin, name));
  return bin;
}
