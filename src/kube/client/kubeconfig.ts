import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
// The library's index loads its whole generated API (90 MB resident); these files are its kubeconfig reader alone.
import {
  type Cluster,
  newClusters,
  newContexts,
  newUsers,
  type User,
} from '@kubernetes/client-node/dist/config_types.js';
import { parse } from 'yaml';
import { SlipwayError } from '../../errors.ts';
import { type KubeconfigSource, serviceAccountRoot } from '../input.ts';

/** One context of a kubeconfig: a cluster and a user. */
export interface KubeContext {
  cluster: Cluster;
  user: User;
}

interface RawEntry {
  name?: string;
  user?: Record<string, unknown>;
}

interface RawConfig {
  clusters?: RawEntry[];
  users?: RawEntry[];
  contexts?: RawEntry[];
  'current-context'?: string;
}

/** Reads the named context, or the current one. Throws CONFIG_INVALID without quoting the file's content. */
export function readContext(source: KubeconfigSource, contextName: string | undefined): KubeContext {
  if ('inCluster' in source) return inClusterContext(source.inCluster);
  const config = 'files' in source ? mergeFiles(source.files) : parseConfig(source.content, undefined);
  return selectContext(config, contextName);
}

/** The state of these files. If it changes, the context must be read again. */
export function fingerprint(paths: (string | undefined)[]): string {
  return paths.map((path) => (path ? `${path}@${stateOf(path)}` : '')).join('\n');
}

/** A file that replaces another may be older, so the inode and the size are compared too. */
function stateOf(path: string): string {
  try {
    const { mtimeMs, ino, size } = statSync(path);
    return [mtimeMs, ino, size].join('/');
  } catch {
    return '';
  }
}

function inClusterContext(account: { host: string; port: string; root?: string | undefined }): KubeContext {
  const root = account.root ?? serviceAccountRoot;
  const host = account.host.includes(':') ? `[${account.host}]` : account.host;
  const server = `https://${host}:${account.port}`;
  return {
    cluster: { name: 'inCluster', server, caFile: `${root}/ca.crt`, skipTLSVerify: false },
    user: { name: 'inCluster', authProvider: { name: 'tokenFile', config: { tokenFile: `${root}/token` } } },
  };
}

function mergeFiles(files: string[]): RawConfig {
  const merged: Required<RawConfig> = { clusters: [], users: [], contexts: [], 'current-context': '' };
  for (const file of files) {
    const config = parseConfig(readText(file), file);
    for (const section of ['clusters', 'users', 'contexts'] as const) {
      const known = new Set(merged[section].map((entry) => entry.name));
      merged[section].push(...(config[section] ?? []).filter((entry) => !known.has(entry.name)));
    }
    merged['current-context'] ||= config['current-context'] ?? '';
  }
  return merged;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new SlipwayError('CONFIG_INVALID', `the kubeconfig cannot be read (${reason})`, {
      place: { file },
      hint: 'Correct the path in server.yaml, under clusters.',
    });
  }
}

function parseConfig(text: string, file: string | undefined): RawConfig {
  const invalid = (why: string) =>
    new SlipwayError('CONFIG_INVALID', `the kubeconfig is not valid: ${why}`, {
      place: file ? { file } : undefined,
    });
  let config: RawConfig | null;
  try {
    config = parse(text);
  } catch {
    // The parser's error quotes the lines around the mistake, which may contain a token.
    throw invalid('it is not YAML');
  }
  if (!config || typeof config !== 'object') throw invalid('it is empty');
  return file ? withAbsolutePaths(config, dirname(file)) : config;
}

const pathKeys = ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile'];

/** Relative paths in a kubeconfig are relative to its folder (kubectl's rule). */
function withAbsolutePaths(config: RawConfig, folder: string): RawConfig {
  for (const entry of [...(config.clusters ?? []), ...(config.users ?? [])]) {
    for (const holder of Object.values(entry)) {
      if (typeof holder !== 'object') continue;
      for (const key of pathKeys) {
        const value = holder[key];
        if (typeof value === 'string' && value !== '') holder[key] = resolve(folder, value);
      }
      const { exec } = holder as { exec?: { command?: unknown } };
      // A bare name is searched for on the PATH.
      if (typeof exec?.command === 'string' && exec.command.includes('/'))
        exec.command = resolve(folder, exec.command);
    }
  }
  return config;
}

function selectContext(config: RawConfig, wanted: string | undefined): KubeContext {
  const name = wanted ?? config['current-context'];
  const fail = (why: string) => new SlipwayError('CONFIG_INVALID', `the kubeconfig ${why}`);
  if (!name) throw fail('has no current context; name one under clusters in server.yaml');
  const context = newContexts(config.contexts, { onInvalidEntry: 'filter' }).find((one) => one.name === name);
  if (!context) throw fail(`has no context named ${name}`);
  const clusters = newClusters(config.clusters, { onInvalidEntry: 'filter' });
  const cluster = clusters.find((one) => one.name === context.cluster);
  if (!cluster) throw fail(`has no cluster named ${context.cluster}`);
  const raw = config.users?.find((one) => one.name === context.user);
  const user = newUsers(raw ? [raw] : [], { onInvalidEntry: 'filter' })[0] ?? { name: context.user };
  return { cluster, user: withTokenFile(user, raw?.user?.tokenFile) };
}

/** The library supports only `token-file`. clientcmd's field is `tokenFile`, and the file is read again after rotation. */
function withTokenFile(user: User, tokenFile: unknown): User {
  if (typeof tokenFile !== 'string' || user.authProvider || user.exec) return user;
  return {
    name: user.name,
    ...(user.certFile ? { certFile: user.certFile } : {}),
    ...(user.keyFile ? { keyFile: user.keyFile } : {}),
    ...(user.certData ? { certData: user.certData } : {}),
    ...(user.keyData ? { keyData: user.keyData } : {}),
    authProvider: { name: 'tokenFile', config: { tokenFile } },
  };
}
