import { Octokit } from '@octokit/core';
import type { ForgeConfig } from '../../config/server-config.ts';
import type { ForgeContext, ForgeLog } from '../context.ts';
import { withDeadline } from '../responses.ts';
import { responseOf, toForgeError } from './failure.ts';
import { createTokens, type Tokens } from './tokens.ts';

/** Parameters of every call about a repository. */
export interface CallBase {
  owner: string;
  repo: string;
  headers: Record<string, string>;
  request: { signal: AbortSignal };
}

export type Send<T> = (octokit: Octokit, base: CallBase) => Promise<T>;

export interface GithubClient {
  readonly forge: string;
  readonly tokens: Tokens;
  /** `what` completes "could not …". Throws FORGE_*, or the signal's own reason. */
  call<T>(path: string, what: string, signal: AbortSignal | undefined, send: Send<T>): Promise<T>;
}

const timeoutMs = 10_000;

/**
 * Octokit without its retry and throttling plugins: they wait in the process, for minutes at a rate limit, and count only
 * for one process. Here every failure is returned at once with the delay, and the notify queue waits.
 */
export function createClient(config: ForgeConfig, { log, addSecret }: ForgeContext): GithubClient {
  const options = { baseUrl: config.apiUrl, userAgent: 'slipway', log: octokitLog(config.name, log) };
  const octokit = new Octokit(options);
  const tokens = createTokens(config, options, addSecret);
  return {
    forge: config.name,
    tokens,
    async call(path, what, signal, send) {
      const attempt = async () => send(octokit, await callBase(tokens, path, signal));
      try {
        return await attempt().catch((error: unknown) => {
          // The cached token may be revoked before it expires, for example if the app was installed again.
          if (responseOf(error)?.status === 401 && tokens.forget(path)) return attempt();
          throw error;
        });
      } catch (error) {
        signal?.throwIfAborted();
        throw toForgeError(error, { forge: config.name, what }, Date.now());
      }
    },
  };
}

async function callBase(tokens: Tokens, path: string, signal: AbortSignal | undefined): Promise<CallBase> {
  const [owner = '', repo = ''] = path.split('/');
  const token = await tokens.of(path);
  // https://docs.github.com/en/rest/about-the-rest-api/api-versions
  const headers: Record<string, string> = { 'x-github-api-version': '2022-11-28' };
  if (token !== undefined) headers.authorization = `token ${token}`;
  return { owner, repo, headers, request: { signal: withDeadline(signal, timeoutMs) } };
}

/** Octokit would print to the console. It warns of deprecated calls, and if the clock differs from GitHub's. */
function octokitLog(forge: string, log: ForgeLog) {
  const warn = (note: string) => log.warn({ forge, note }, 'the GitHub client warns');
  return { debug: () => {}, info: () => {}, warn, error: warn };
}
