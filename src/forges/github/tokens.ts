import { createPrivateKey } from 'node:crypto';
import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/core';
import { LRUCache } from 'lru-cache';
import type { ForgeConfig } from '../../config/server-config.ts';
import { SlipwayError, toSlipwayError } from '../../errors.ts';
import type { ForgeContext } from '../context.ts';
import { respondedAt, withDeadline } from '../responses.ts';
import { responseOf, toForgeError } from './failure.ts';

/** The tokens for the calls to one forge. */
export interface Tokens {
  /** Undefined: this forge has no credentials. Throws FORGE_*. */
  of(path: string): Promise<string | undefined>;
  /** Drops the cached token of a repository; false if there is none, so that a retry would not help. */
  forget(path: string): boolean;
}

type AppAuth = Extract<ForgeConfig['auth'], { kind: 'app' }>;
type OctokitOptions = ConstructorParameters<typeof Octokit>[0];
type AddSecret = ForgeContext['addSecret'];

const timeoutMs = 10_000;
// Renewed early, because a token that expires during a fetch fails it.
const marginMs = 5 * 60_000;
// Installing an app again revokes its old tokens, and git does not report that it was refused.
const keepMs = 10 * 60_000;

export function createTokens(config: ForgeConfig, options: OctokitOptions, addSecret: AddSecret): Tokens {
  const { auth } = config;
  if (auth.kind === 'app') return appTokens(config.name, auth, options, addSecret);
  const token = auth.kind === 'token' ? auth.token : undefined;
  return { of: async () => token, forget: () => false };
}

/**
 * Installation tokens of a GitHub App, one per installation, cached for some minutes of their hour. Slipway has its own
 * cache: that of auth-app joins pending requests by the installation's number alone, across forges, so that one forge
 * could receive the token of another.
 */
function appTokens(forge: string, auth: AppAuth, options: OctokitOptions, addSecret: AddSecret): Tokens {
  const octokit = new Octokit({
    ...options,
    authStrategy: createAppAuth,
    auth: { appId: auth.appId, privateKey: readKey(forge, auth.privateKey) },
  });
  const installations = new LRUCache<string, number>({
    max: 10_000,
    fetchMethod: (path) => auth.installationId ?? findInstallation(octokit, forge, path),
  });
  const tokens = new LRUCache<number, string>({
    max: 10_000,
    ttl: keepMs,
    fetchMethod: async (installation, _stale, { options: entry }) => {
      const { token, lastsMs } = await createToken(octokit, forge, installation);
      addSecret(token);
      entry.ttl = Math.min(Math.max(lastsMs - marginMs, 1), keepMs);
      return token;
    },
  });
  return {
    async of(path) {
      const isKnown = installations.has(path);
      try {
        return await tokens.forceFetch(await installations.forceFetch(path));
      } catch (error) {
        installations.delete(path);
        if (!isKnown || toSlipwayError(error).retryable) throw error;
        // The known installation is gone: the app was removed and installed again under another number.
        return tokens.forceFetch(await installations.forceFetch(path));
      }
    },
    forget(path) {
      const installation = installations.peek(path);
      if (installation === undefined) return false;
      installations.delete(path);
      return tokens.delete(installation);
    },
  };
}

async function findInstallation(octokit: Octokit, forge: string, path: string): Promise<number> {
  const [owner = '', repo = ''] = path.split('/');
  const request = { signal: withDeadline(undefined, timeoutMs) };
  try {
    const { data } = await octokit.request('GET /repos/{owner}/{repo}/installation', {
      owner,
      repo,
      request,
    });
    return data.id;
  } catch (error) {
    if (responseOf(error)?.status === 404) {
      throw new SlipwayError('FORGE_REFUSED', `The GitHub App of ${forge} is not installed on ${path}.`, {
        hint: 'Install the app on the repository, or give it access there.',
      });
    }
    throw toForgeError(error, { forge, what: `find the app's installation on ${path}` }, Date.now());
  }
}

async function createToken(
  octokit: Octokit,
  forge: string,
  installation: number,
): Promise<{ token: string; lastsMs: number }> {
  const request = { signal: withDeadline(undefined, timeoutMs) };
  try {
    const { data, headers } = await octokit.request(
      'POST /app/installations/{installation_id}/access_tokens',
      {
        installation_id: installation,
        request,
      },
    );
    const lastsMs = Date.parse(data.expires_at) - respondedAt(headers, Date.now());
    return { token: data.token, lastsMs };
  } catch (error) {
    throw toForgeError(error, { forge, what: `give a token for installation ${installation}` }, Date.now());
  }
}

/** PKCS#8, the only form that the signer accepts; GitHub issues PKCS#1. Line ends may be written as `\n`. */
function readKey(forge: string, privateKey: string): string {
  try {
    const key = createPrivateKey(privateKey.replaceAll('\\n', '\n'));
    return key.export({ type: 'pkcs8', format: 'pem' }).toString();
  } catch {
    throw new SlipwayError(
      'CONFIG_INVALID',
      `The private key of the app of forge ${forge} is not a PEM key.`,
      {
        hint: "Use the .pem file that GitHub offered when the app's key was created.",
      },
    );
  }
}
