import type { z } from 'zod';
import { type CliEnvironment, cliEnvironment } from '../config/cli-env.ts';
import { SlipwayError } from '../errors.ts';
import { toErrorCode } from '../model/error-code.ts';

/** Milliseconds after which a request that has no response fails. */
const TIMEOUT = 10_000;

/** The server's API, as the commands use it. Throws the error of the response, SERVER_UNREACHABLE, UNAUTHORIZED. */
export interface ApiClient {
  get<T>(path: string, schema: z.ZodType<T>, query?: Record<string, string | undefined>): Promise<T>;
  /** `timeoutMs`: for requests that take longer than usual. */
  post<T>(path: string, schema: z.ZodType<T>, body: object, timeoutMs?: number): Promise<T>;
}

export function apiClient(environment: CliEnvironment = cliEnvironment(process.env)): ApiClient {
  return {
    get: (path, schema, query = {}) => {
      const given = Object.entries(query).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      );
      const search = given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
      return call(environment, `${path}${search}`, schema, {});
    },
    post: (path, schema, body, timeoutMs = TIMEOUT) =>
      call(environment, path, schema, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        timeoutMs,
      }),
  };
}

async function call<T>(
  { url, token }: CliEnvironment,
  path: string,
  schema: z.ZodType<T>,
  init: { method?: string; headers?: Record<string, string>; body?: string; timeoutMs?: number },
): Promise<T> {
  if (token === undefined) {
    throw new SlipwayError('UNAUTHORIZED', 'SLIPWAY_TOKEN is not set', {
      hint: 'Set it to one of api.tokens of server.yaml.',
    });
  }
  const headers = { ...init.headers, authorization: `Bearer ${token}` };
  const response = await reach(url, path, { ...init, headers });
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw refusal(url, response.status, body);
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new SlipwayError('SERVER_UNREACHABLE', `what answers at ${url} is no Slipway of this version`, {
    cause: parsed.error,
  });
}

async function reach(
  url: string,
  path: string,
  { timeoutMs = TIMEOUT, ...init }: RequestInit & { timeoutMs?: number },
): Promise<Response> {
  try {
    return await fetch(`${url}${path}`, { ...init, signal: AbortSignal.timeout(timeoutMs) });
  } catch (cause) {
    throw new SlipwayError('SERVER_UNREACHABLE', `no server answers at ${url}: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

/** `fetch` reports only that it failed; its cause has the reason. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}

function refusal(url: string, status: number, response: unknown): SlipwayError {
  const { code, message, hint } = (response ?? {}) as { code?: unknown; message?: unknown; hint?: unknown };
  const known = toErrorCode(code);
  if (known === undefined || typeof message !== 'string') {
    return new SlipwayError('SERVER_UNREACHABLE', `${url} answered ${status}, and not as Slipway does`);
  }
  return new SlipwayError(known, message, typeof hint === 'string' ? { hint } : {});
}
