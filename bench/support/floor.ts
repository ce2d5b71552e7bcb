import { Pool } from 'undici';
import { credentialSource } from '../../src/kube/client/credentials.ts';
import type { KubeObject } from '../../src/model/object.ts';
import { median } from '../report.ts';
import { untilQuiet } from './cpu.ts';

/** A bare HTTP client for the API server: the fastest that is possible on this machine at this moment. */
export interface RawClient {
  /** Applies the objects server-side with `parallel` requests in flight; resolves to milliseconds. */
  apply(objects: KubeObject[], namespace: string, parallel: number): Promise<number>;
  /** Applies objects once with each of several numbers of requests in flight; `version` differs for each try. */
  tries(objects: (version: number) => KubeObject[], namespace: string): Promise<Try[]>;
  send(method: 'POST' | 'DELETE' | 'GET', path: string, body?: unknown): Promise<number>;
  close(): Promise<void>;
}

export interface Try {
  /** Requests in flight. */
  parallel: number;
  ms: number;
}

const PARALLEL = [8, 16, 32];

/**
 * Milliseconds of each round, with the number of requests in flight that is the fastest over all rounds. The fastest try of
 * each round would be the best of three, compared with a single one of Slipway.
 */
export function floorsOf(rounds: Try[][]): number[] {
  const candidates = PARALLEL.map((parallel) =>
    rounds.flatMap((tries) => tries.find((one) => one.parallel === parallel)?.ms ?? []),
  );
  return candidates.reduce((best, next) => (median(next) < median(best) ? next : best));
}

const plurals: Record<string, string> = {
  Ingress: 'ingresses',
  NetworkPolicy: 'networkpolicies',
};

export function collectionOf({ apiVersion, kind }: { apiVersion: string; kind: string }, namespace: string) {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${root}/namespaces/${namespace}/${plurals[kind] ?? `${kind.toLowerCase()}s`}`;
}

export async function openRaw(kubeconfig: string): Promise<RawClient> {
  const { server, tls } = await credentialSource({ files: [kubeconfig] }, undefined).current();
  const { ca, cert, key } = tls;
  const pool = new Pool(server, {
    connections: Math.max(...PARALLEL),
    pipelining: 1,
    connect: { ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) },
  });

  async function send(
    method: 'POST' | 'DELETE' | 'GET' | 'PATCH',
    path: string,
    body?: unknown,
    type = 'application/json',
  ) {
    const response = await pool.request({
      method,
      path,
      headers: { 'content-type': type, accept: 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    });
    // A real client parses its responses.
    const text = await response.body.text();
    JSON.parse(text);
    if (response.statusCode >= 400 && response.statusCode !== 409)
      throw new Error(`${method} ${path}: ${text}`);
    return response.statusCode;
  }

  async function apply(objects: KubeObject[], namespace: string, parallel: number) {
    const started = performance.now();
    let next = 0;
    const work = async () => {
      for (let object = objects[next++]; object; object = objects[next++]) {
        const path = `${collectionOf(object, namespace)}/${object.metadata.name}`;
        const query = 'fieldManager=floor&force=true&fieldValidation=Strict';
        await send('PATCH', `${path}?${query}`, object, 'application/apply-patch+yaml');
      }
    };
    await Promise.all(Array.from({ length: parallel }, work));
    return performance.now() - started;
  }

  return {
    apply,
    async tries(objects, namespace) {
      const tries: Try[] = [];
      for (const [index, parallel] of PARALLEL.entries()) {
        await untilQuiet();
        tries.push({ parallel, ms: await apply(objects(index), namespace, parallel) });
      }
      return tries;
    },
    send,
    close: () => pool.destroy(),
  };
}
