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
  /** Folder with helm, kustomize and kubectl, for a PATH. */
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
 * @throws Error that names the missing program, or the part that ended with its last output.
 */
export async function startSandbox({ log = () => undefined }: SandboxOptions = {}): Promise<Sandbox> {
  const programs = await findPrograms(log);
  const folder = await makeFolder();
  const parts: Part[] = [];
  const stop = async () => {
    await Promise.all(parts.map((part) => part.stop())).finally(() => folder.remove());
  };
  try {
    return { ...(await startParts(folder.path, programs, { log, parts })), programs, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Part {
  stop(): Promise<void>;
}

interface Start {
  log: (line: string) => void;
  /** Each part is added as soon as it runs, so that a failure of the next one can stop it. */
  parts: Part[];
}

async function startParts(
  dir: string,
  programs: Programs,
  { log, parts }: Start,
): Promise<Omit<Sandbox, 'programs' | 'stop'>> {
  const keep = <T extends Part>(part: T): T => {
    parts.push(part);
    return part;
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
  for (const name of ['helm', 'kustomize', 'kubectl'] as const)
    await symlink(programs[name], join(bin, name));
  return bin;
}
