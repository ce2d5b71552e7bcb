import { createRequesterFn, type FormattedResponse } from '@gitbeaker/requester-utils';
import { Commits, MergeRequests } from '@gitbeaker/rest';
import { z } from 'zod';
import type { ForgeConfig } from '../../config/server-config.ts';
import { type BadResponse, withDeadline } from '../responses.ts';

/** GitLab's calls, sent once and without waiting. */
export interface GitlabClient {
  readonly forge: string;
  commits(signal: AbortSignal | undefined): Commits;
  mergeRequests(signal: AbortSignal | undefined): MergeRequests;
}

/** GitLab refused the call. Carries the response and nothing of the request, whose headers have the token. */
export class GitlabRefusal extends Error {
  readonly response: BadResponse;

  constructor(response: BadResponse) {
    super(response.message);
    this.response = response;
  }
}

// GitLab itself waits up to 10 s for the lock of a commit's statuses before it responds with 409.
const timeoutMs = 15_000;

/**
 * Gitbeaker with one plain request in place of its handler, which retries up to ten times within a quarter of a second if
 * it is told to wait (429), drops the header with the delay, and keeps the request in its errors.
 */
export function createClient(config: ForgeConfig): GitlabClient {
  const credentials = config.auth.kind === 'token' ? { token: config.auth.token } : {};
  const options = (signal: AbortSignal | undefined) => ({
    ...credentials,
    host: config.url,
    rateLimits: {},
    requesterFn: createRequesterFn(
      (_service, options) => Promise.resolve(options),
      (endpoint, options) => send(config.apiUrl, endpoint, options, signal),
    ),
  });
  return {
    forge: config.name,
    commits: (signal) => new Commits(options(signal)),
    mergeRequests: (signal) => new MergeRequests(options(signal)),
  };
}

const Options = z.object({
  method: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.string().optional(),
  searchParams: z.string().optional(),
});

async function send(
  apiUrl: string,
  endpoint: string,
  given: Record<string, unknown> | undefined,
  signal: AbortSignal | undefined,
): Promise<FormattedResponse> {
  const { method, headers, body, searchParams } = Options.parse(given);
  const url = new URL(`${apiUrl}/${endpoint}`);
  url.search = searchParams ?? '';
  const response = await fetch(url, {
    method,
    headers: { ...headers, 'user-agent': 'slipway' },
    body: body ?? null,
    // A redirect to another host would carry the token along: fetch only drops the header Authorization.
    redirect: 'manual',
    signal: withDeadline(signal, timeoutMs),
  });
  const head = { status: response.status, headers: Object.fromEntries(response.headers) };
  const text = await response.text();
  if (!response.ok) throw new GitlabRefusal({ ...head, message: messageOf(text) });
  return { ...head, body: JSON.parse(text) };
}

/** GitLab responds with `{ "message": … }` or `{ "error": … }`, a proxy in front of it with anything. */
function messageOf(text: string): string {
  try {
    const { message, error } = JSON.parse(text);
    const words = message ?? error ?? text;
    return typeof words === 'string' ? words : JSON.stringify(words);
  } catch {
    return text;
  }
}
