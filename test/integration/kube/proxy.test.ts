import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createKubeClient, type KubeClient } from '../../../src/kube/client/client.ts';
import { clusterDefaults } from '../../../src/kube/input.ts';
import type { JsonObject } from '../../../src/model/object.ts';
import { authorityFile, certificateOf } from '../../support/client-certificate.ts';
import { sandbox } from '../../support/sandbox.ts';
import { kubeconfigFor } from './front.ts';

const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

interface Proxy {
  /** Without a scheme. */
  address: string;
  /** `host:port` of every requested tunnel. */
  tunnels: string[];
  /** The Proxy-Authorization of each. */
  authorizations: (string | undefined)[];
}

/** A proxy that opens tunnels, or responds with this status instead. */
async function startProxy(refusal?: string): Promise<Proxy> {
  const server: Server = createServer();
  const proxy: Proxy = { address: '', tunnels: [], authorizations: [] };
  server.on('connect', (request, near) => {
    proxy.tunnels.push(request.url ?? '');
    proxy.authorizations.push(request.headers['proxy-authorization']);
    if (refusal !== undefined) {
      near.end(`HTTP/1.1 ${refusal}\r\n\r\n`);
      return;
    }
    const { port, hostname } = new URL(`http://${request.url}`);
    const far = connect(Number(port), hostname, () => near.write('HTTP/1.1 200 OK\r\n\r\n'));
    far.pipe(near);
    near.pipe(far);
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  proxy.address = `127.0.0.1:${address.port}`;
  cleanUps.push(() => server.close());
  return proxy;
}

/** With the sandbox's own CA and a client certificate, for end-to-end TLS through the tunnel. */
async function clientOf(cluster: JsonObject = {}): Promise<KubeClient> {
  const { certificate, key } = await certificateOf('CN=alice');
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const user = { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) };
  const authority = { 'certificate-authority': authorityFile(), ...cluster };
  const content = kubeconfigFor(sandbox().apiServerUrl, user, authority);
  const client = createKubeClient({
    name: 'sandbox',
    kubeconfig: { content },
    ...clusterDefaults,
    retryBudgetMs: 0,
  });
  cleanUps.push(() => client.close());
  return client;
}

const server = new URL(sandbox().apiServerUrl).host;

describe('the proxy-url of a kubeconfig', () => {
  test('is used for requests and for watches, with the cluster’s own CA through it', async () => {
    const proxy = await startProxy();
    const client = await clientOf({ 'proxy-url': `http://${proxy.address}` });
    const end = new AbortController();

    const response = await client.request({ path: '/version' });
    // Every account may read this path. A watch on it is refused by the server, not by the proxy.
    const watching = client.watch({ path: '/api/v1/namespaces', signal: end.signal }, () => undefined);

    await expect(watching).rejects.toMatchObject({ code: 'CLUSTER_FORBIDDEN' });
    expect(response.status).toBe(200);
    expect(proxy.tunnels).toEqual([server, server]);
  });

  test('may contain a name and a password', async () => {
    const proxy = await startProxy();
    const client = await clientOf({ 'proxy-url': `http://ada:hunter2@${proxy.address}` });

    await client.request({ path: '/version' });

    expect(proxy.authorizations[0]).toBe(`Basic ${Buffer.from('ada:hunter2').toString('base64')}`);
  });

  test.each([
    ['407 Proxy Authentication Required', 'the proxy requires other credentials (407)'],
    ['403 Forbidden', 'the proxy responded with 403'],
  ])('is named without its password if it responds with %s', async (refusal, why) => {
    const proxy = await startProxy(refusal);
    const client = await clientOf({ 'proxy-url': `http://ada:hunter2@${proxy.address}` });

    await expect(client.request({ path: '/version' })).rejects.toMatchObject({
      code: 'CLUSTER_UNREACHABLE',
      message: `cluster sandbox cannot be reached through the proxy of its kubeconfig: ${why} (GET /version)`,
    });
  });

  test('is named if it cannot be reached', async () => {
    const client = await clientOf({ 'proxy-url': 'http://127.0.0.1:1' });

    await expect(client.request({ path: '/version' })).rejects.toMatchObject({
      code: 'CLUSTER_UNREACHABLE',
      message: expect.stringContaining('through the proxy of its kubeconfig: the connection was refused'),
    });
  });

  test('takes precedence over the environment', async () => {
    const [own, environment] = [await startProxy(), await startProxy()];
    vi.stubEnv('HTTPS_PROXY', `http://${environment.address}`);
    const client = await clientOf({ 'proxy-url': `http://${own.address}` });

    await client.request({ path: '/version' });

    expect([own.tunnels.length, environment.tunnels.length]).toEqual([1, 0]);
  });
});

describe('the proxy of the environment', () => {
  test('is used', async () => {
    const proxy = await startProxy();
    vi.stubEnv('HTTPS_PROXY', `http://${proxy.address}`);
    const client = await clientOf();

    await client.request({ path: '/version' });

    expect(proxy.tunnels).toEqual([server]);
  });

  test('is not used for hosts in NO_PROXY', async () => {
    const proxy = await startProxy();
    vi.stubEnv('HTTPS_PROXY', `http://${proxy.address}`);
    vi.stubEnv('NO_PROXY', 'example.com,127.0.0.1');
    const client = await clientOf();

    await client.request({ path: '/version' });

    expect(proxy.tunnels).toEqual([]);
  });
});
