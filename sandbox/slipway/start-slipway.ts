import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Connection } from '../connection.ts';
import { freePorts } from '../ports.ts';
import { nodeEnvironment, nodeFlags } from './node-flags.ts';
import { type ServerYamlOptions, secretNames, serverYaml } from './server-yaml.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const compiledMain = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));

export interface SlipwayProcess {
  /** `run`, `server` or `worker deploy`. */
  args: string[];
  pid: number;
  /** Everything that it has logged. */
  log(): string;
  kill(signal: NodeJS.Signals): void;
  /** Sends the signal and waits for the exit; resolves to the exit code, or to undefined if a signal ended the process. */
  end(signal?: NodeJS.Signals): Promise<number | undefined>;
}

/** A Slipway for the sandbox: its files, secrets and processes. */
export interface SandboxSlipway {
  dir: string;
  config: string;
  url: string;
  opsUrl: string;
  prefix: string;
  apiToken: string;
  webhookUrl(face: 'github' | 'gitlab'): string;
  webhookSecret(face: 'github' | 'gitlab'): string;
  /** Environment variables of the CLI and the processes. */
  env: Record<string, string>;
  start(...args: string[]): Promise<SlipwayProcess>;
  /** Runs a command of the CLI and waits for its exit. */
  cli(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }>;
  /** Everything that its processes have logged. */
  logs(): string;
  /** Ends every process that was started here. */
  stop(): Promise<void>;
}

export interface SlipwayOptions extends Partial<Omit<ServerYamlOptions, 'port' | 'opsPort'>> {
  sandbox: Connection;
  dir: string;
  /** Runs the output of `npm run build`, as the image does, instead of the sources. */
  compiled?: boolean;
  /** Further environment variables of its processes, such as secrets of further forges. */
  env?: Record<string, string>;
}

/** Writes server.yaml and creates the secrets; starts nothing. */
export async function prepareSlipway(options: SlipwayOptions): Promise<SandboxSlipway> {
  const { sandbox, dir, compiled = false } = options;
  await mkdir(dir, { recursive: true });
  const [port = 0, opsPort = 0] = await freePorts(2);
  const prefix = options.prefix ?? `{slipway-${randomBytes(4).toString('hex')}}`;
  const config = join(dir, 'server.yaml');
  await writeFile(
    config,
    serverYaml({
      redisUrl: sandbox.redisUrl,
      kubeconfig: sandbox.kubeconfig,
      github: sandbox.forge.github.url,
      gitlab: sandbox.forge.gitlab.url,
      dataDir: join(dir, 'data'),
      engine: sandbox.programs['slipway-engine'],
      ...options,
      port,
      opsPort,
      prefix,
    }),
  );
  const secrets = {
    [secretNames.github]: randomBytes(24).toString('hex'),
    [secretNames.gitlab]: randomBytes(24).toString('hex'),
    [secretNames.githubToken]: sandbox.forge.github.token,
    [secretNames.gitlabToken]: sandbox.forge.gitlab.token,
    [secretNames.api]: randomBytes(24).toString('hex'),
  };
  const url = `http://127.0.0.1:${port}`;
  const apiToken = secrets[secretNames.api] ?? '';
  const env = {
    ...secrets,
    SLIPWAY_URL: url,
    SLIPWAY_TOKEN: apiToken,
    SLIPWAY_CONFIG: config,
    ...options.env,
  };
  const processes: SlipwayProcess[] = [];
  return {
    dir,
    config,
    url,
    opsUrl: `http://127.0.0.1:${opsPort}`,
    prefix,
    apiToken,
    env,
    webhookUrl: (face) => `${url}/webhooks/${face}`,
    webhookSecret: (face) => secrets[secretNames[face]] ?? '',
    async start(...args) {
      // Only one process of a Slipway has the ops port of server.yaml; the others take any.
      const port = processes.length === 0 ? [] : ['--metrics-port', '0'];
      const started = await startProcess(compiled ? compiledMain : main, [...args, ...port], env);
      processes.push(started);
      return started;
    },
    cli: (...args) => runCli(args, env),
    logs: () => processes.map((one) => one.log()).join(''),
    async stop() {
      await Promise.all(processes.map((one) => one.end()));
    },
  };
}

async function startProcess(
  file: string,
  args: string[],
  env: Record<string, string>,
): Promise<SlipwayProcess> {
  // Like the rest of the sandbox, it must not outlive the process that starts it, even if that process is killed.
  const program = ['--pdeathsig', 'KILL', '--', process.execPath, ...nodeFlags, file];
  const child = spawn('setpriv', [...program, ...args], {
    env: { ...inherited('PATH', 'HOME', 'NODE_COMPILE_CACHE'), ...nodeEnvironment, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const ready = new Promise<void>((resolve, reject) => {
    const take = (chunk: Buffer) => {
      lines.push(chunk.toString());
      // A line may arrive in two chunks.
      if (lines.slice(-2).join('').includes('slipway is running')) resolve();
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('exit', (code) =>
      reject(new Error(`slipway ${args.join(' ')} ended (${code}): ${lines.join('')}`)),
    );
  });
  const running: SlipwayProcess = {
    args,
    pid: child.pid ?? 0,
    log: () => lines.join(''),
    kill: (signal) => void child.kill(signal),
    end: (signal = 'SIGTERM') => endProcess(child, signal),
  };
  await ready;
  return running;
}

/** Only these variables: Slipway must not read anything else from the environment of its starter. */
function inherited(...names: string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => [[name, process.env[name] ?? '']]).filter(([, value]) => value),
  );
}

async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<number | undefined> {
  if (child.exitCode === null && child.signalCode === null) {
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
  }
  return child.exitCode ?? undefined;
}

async function runCli(args: string[], env: Record<string, string>) {
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...inherited('PATH', 'NODE_COMPILE_CACHE'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  const [code] = await once(child, 'close');
  return { code: typeof code === 'number' ? code : 1, stdout, stderr };
}
