import { Octokit } from '@octokit/core';
import type { ForgeConfig } from '../../config/server-config.ts';
import { withDeadline } from '../answers.ts';
import type { ForgeLog } from '../log.ts';
import { answerOf, toForgeError } from './failure.ts';
import { createTokens, type Tokens } from './tokens.ts';

/** What every call about a repository is sent with. */
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
 * Octokit without its retry and throttling plugins: they wait inside the process, minutes at a rate limit, and count
 * for one process only. Here every failure comes back at once with the time to wait, and the notify queue waits.
 */
export function createClient(config: ForgeConfig, log: ForgeLog): GithubClient {
  const options = { baseUrl: config.apiUrl, userAgent: 'slipway', log: octokitLog(config.name, log) };
  const octokit = new Octokit(options);
  const tokens = createTokens(config, options);
  return {
    forge: config.name,
    tokens,
    async call(path, what, signal, send) {
      const attempt = async () => send(octokit, await callBase(tokens, path, signal));
      try {
        return await attempt().catch((error: unknown) => {
          // The app was installed anew, say: the token in the cache ends before its time.
          if (answerOf(error)?.status === 401 && tokens.forget(path)) return attempt();
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

/** Octokit would print to the console; it warns of deprecated calls and of a clock that differs from GitHub's. */
function octokitLog(forge: string, log: ForgeLog) {
  const warn = (note: string) => log.warn({ forge, note }, 'the GitHub client warns');
  return { debug: () => {}, info: () => {}, warn, error: warn };
}
