import { Agent, request } from 'undici';
import type { KeyPair } from './certificates.ts';

export interface ApiResponse {
  /** 0 when the server could not be reached. */
  status: number;
  body: unknown;
}

/** Raw requests to the API server as administrator: enough to set a cluster up and to look at it. */
export interface Api {
  send(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<ApiResponse>;
  close(): Promise<void>;
}

export interface ApiOptions {
  url: string;
  authority: string;
  admin: KeyPair;
}

export function openApi({ url, authority, admin }: ApiOptions): Api {
  const agent = new Agent({ connect: { ca: authority, cert: admin.certificate, key: admin.key } });
  return {
    send: async (method, path, body) => {
      const response = await request(`${url}${path}`, {
        method,
        dispatcher: agent,
        headers: { accept: 'application/json', 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }).catch(() => undefined);
      if (response === undefined) return { status: 0, body: undefined };
      return { status: response.statusCode, body: parse(await response.body.text()) };
    },
    close: () => agent.destroy(),
  };
}

/** `/readyz` responds in plain text. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
