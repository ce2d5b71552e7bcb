import type { GitAccess } from '../ports/forge.ts';

export interface GitEnvironmentOptions {
  /** What git inherits: `PATH`, proxies, certificates. Nothing else of the process's environment reaches it. */
  base: Record<string, string | undefined>;
  /** Keeps the host keys seen first, if the forge's configuration names no known_hosts file. */
  knownHostsFile: string;
  /** Allows `file://` addresses, for tests. */
  allowFile: boolean;
}

/** The variables of the process that git may need: programs, proxies, certificates, locales. */
const inherited = [
  'PATH',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'GIT_SSL_CAINFO',
];

const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

/**
 * Settings of every call. fsckObjects refuses trees with entries such as `..`, which a plain fetch accepts; the three
 * ignored findings are harmless and common in old histories (Gitaly ignores the same:
 * https://gitlab.com/gitlab-org/gitaly/-/blob/master/internal/git/command_options.go). A redirect would carry the
 * credentials to another address.
 */
const settings: [string, string][] = [
  ['fetch.fsckObjects', 'true'],
  ['fetch.fsck.badTimezone', 'ignore'],
  ['fetch.fsck.missingSpaceBeforeDate', 'ignore'],
  ['fetch.fsck.zeroPaddedFilemode', 'ignore'],
  ['protocol.version', '2'],
  ['http.followRedirects', 'false'],
  // One byte: while a forge counts the objects of a large repository, it only sends a keep-alive every 5 s.
  ['http.lowSpeedLimit', '1'],
  ['http.lowSpeedTime', '30'],
  // A mirror is a copy: if a power cut damages it, that is found when it is read, and it is cloned again.
  ['core.fsync', 'none'],
  // Packs alone tell what a mirror occupies (share.ts), and the fast path writes packs too.
  ['fetch.unpackLimit', '1'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['core.hooksPath', '/dev/null'],
  ['advice.fetchShowForcedUpdates', 'false'],
];

/**
 * The whole environment of a git process: no configuration of a user or the machine, no prompt, only the protocols in
 * use, and credentials in `http.extraHeader`, never in an address or an argument.
 */
export function gitEnvironment(options: GitEnvironmentOptions, access?: GitAccess): Record<string, string> {
  const env: Record<string, string> = { PATH: DEFAULT_PATH };
  for (const name of inherited) {
    const value = options.base[name];
    if (value !== undefined) env[name] = value;
  }
  env.LC_ALL = 'C';
  env.GIT_TERMINAL_PROMPT = '0';
  env.GIT_CONFIG_NOSYSTEM = '1';
  env.GIT_CONFIG_GLOBAL = '/dev/null';
  env.GIT_ALLOW_PROTOCOL = options.allowFile ? 'http:https:ssh:file' : 'http:https:ssh';
  const config = [...settings];
  if (access?.kind === 'header') config.push(['http.extraHeader', access.header]);
  if (access?.kind === 'ssh') env.GIT_SSH_COMMAND = sshCommand(access, options.knownHostsFile);
  env.GIT_CONFIG_COUNT = String(config.length);
  for (const [index, [key, value]] of config.entries()) {
    env[`GIT_CONFIG_KEY_${index}`] = key;
    env[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  return env;
}

function sshCommand(access: GitAccess & { kind: 'ssh' }, knownHostsFile: string): string {
  const hosts = access.knownHostsFile ?? knownHostsFile;
  const checking = access.knownHostsFile === undefined ? 'accept-new' : 'yes';
  const options = [
    'IdentitiesOnly=yes',
    'BatchMode=yes',
    'ConnectTimeout=10',
    `StrictHostKeyChecking=${checking}`,
    `UserKnownHostsFile=${hosts}`,
  ];
  const words = ['ssh', '-F', '/dev/null', '-i', access.keyFile, ...options.flatMap((text) => ['-o', text])];
  return words.map(shellWord).join(' ');
}

/** Quotes for a shell, which runs GIT_SSH_COMMAND. */
function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
