import { chmod, copyFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import type { KeyPair } from '../../../sandbox/kubernetes/certificates.ts';
import { createKubeClient, type KubeClient } from '../../../src/kube/client/client.ts';
import { clusterDefaults } from '../../../src/kube/input.ts';
import { followCollection, type StreamListener } from '../../../src/kube/watch/watch-stream.ts';
import type { KubeObject } from '../../../src/model/object.ts';
import { authorityFile, certificateOf } from '../../support/client-certificate.ts';
import { sandbox, uniqueNamespace } from '../../support/sandbox.ts';
import { eventually } from '../../support/slipway.ts';
import { createCuttingProxy } from './cutting-proxy.ts';
import { kubeconfigFor } from './front.ts';
import {
  configMap,
  createNamespace,
  heldLease,
  lines,
  openRun,
  recordOf,
  startFixture,
} from './release-setup.ts';

const folder = await mkdtemp(join(tmpdir(), 'slipway-rotation-'));
const clients: KubeClient[] = [];

/** Long enough to use such a certificate before it expires, even on a busy machine. */
const BRIEF_MS = 10_000;

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  passedMs = 0;
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await rm(folder, { recursive: true });
});

interface Files {
  kubeconfig: string;
  certificate: string;
  key: string;
  authority: string;
}

/** A kubeconfig that names files in its folder, each of which a test may renew. */
async function writeFiles(pair: KeyPair, server = sandbox().apiServerUrl): Promise<Files> {
  const directory = await mkdtemp(join(folder, 'kubeconfig-'));
  const at = (name: string) => join(directory, name);
  const files = {
    kubeconfig: at('config'),
    certificate: at('tls.crt'),
    key: at('tls.key'),
    authority: at('ca.crt'),
  };
  await copyFile(authorityFile(), files.authority);
  await renew(files, pair);
  const user = { 'client-certificate': 'tls.crt', 'client-key': 'tls.key' };
  await writeFile(files.kubeconfig, kubeconfigFor(server, user, { 'certificate-authority': 'ca.crt' }));
  return files;
}

/** Atomic, so that no reader sees a partial file. */
async function put(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}

async function renew(files: Files, pair: KeyPair): Promise<void> {
  await put(files.certificate, pair.certificate);
  await put(files.key, pair.key);
}

function clientOf(kubeconfig: string): KubeClient {
  const files = { files: [kubeconfig] };
  const client = createKubeClient({
    name: 'sandbox',
    kubeconfig: files,
    ...clusterDefaults,
    retryBudgetMs: 0,
  });
  clients.push(client);
  return client;
}

/** The user that the API server sees. */
async function whoIs(client: KubeClient): Promise<string> {
  const kind = 'SelfSubjectReview';
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const body = { apiVersion: 'authentication.k8s.io/v1', kind };
  const response = await client.request({ method: 'POST', path, body });
  return (response.body.status as { userInfo: { username: string } }).userInfo.username;
}

const elapsed = performance.now.bind(performance);
let passedMs = 0;

/** Only Slipway's clocks; TLS checks certificates against the real one. */
function letPass(milliseconds: number): void {
  passedMs += milliseconds;
  vi.spyOn(performance, 'now').mockImplementation(() => elapsed() + passedMs);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + milliseconds });
}

describe('a client certificate that is renewed in its file', () => {
  test('is used without a restart, also while the old one is still valid', async () => {
    const files = await writeFiles(await certificateOf('CN=alice'));
    const client = clientOf(files.kubeconfig);
    const before = await whoIs(client);
    await renew(files, await certificateOf('CN=bob'));
    letPass(20_000);

    expect([before, await whoIs(client)]).toEqual(['alice', 'bob']);
  });

  test('is used immediately after the old one has expired', async () => {
    const files = await writeFiles(await certificateOf('CN=alice', BRIEF_MS));
    const client = clientOf(files.kubeconfig);
    const before = await whoIs(client);
    await sleep(BRIEF_MS + 1_000);
    const between = await whoIs(client).catch((error: unknown) => error);
    await renew(files, await certificateOf('CN=bob'));

    expect([before, await whoIs(client)]).toEqual(['alice', 'bob']);
    expect(between).toMatchObject({
      code: 'CLUSTER_FORBIDDEN',
      message: expect.stringMatching(
        /^cluster sandbox does not accept Slipway's credentials: its client certificate expired at \S+Z \(401\)$/,
      ),
    });
  });

  test('is not used while its key is missing, and the old pair stays in use', async () => {
    const files = await writeFiles(await certificateOf('CN=alice'));
    const client = clientOf(files.kubeconfig);
    await whoIs(client);
    const pair = await certificateOf('CN=bob');
    await put(files.certificate, pair.certificate);
    letPass(20_000);
    const between = await whoIs(client);
    await put(files.key, pair.key);
    letPass(1_000);

    expect([between, await whoIs(client)]).toEqual(['alice', 'bob']);
  });

  test('is a retryable error if it never matches its key', async () => {
    const files = await writeFiles(await certificateOf('CN=alice'));
    const client = clientOf(files.kubeconfig);
    await whoIs(client);
    await put(files.certificate, (await certificateOf('CN=bob')).certificate);
    letPass(90_000);

    await expect(whoIs(client)).rejects.toMatchObject({
      code: 'CLUSTER_UNREACHABLE',
      message: 'the certificates of the kubeconfig cannot be used',
    });
  });

  test('closes the connections of the old one', async () => {
    const proxy = await createCuttingProxy();
    const files = await writeFiles(await certificateOf('CN=alice'), proxy.url);
    const client = clientOf(files.kubeconfig);
    await Promise.all([whoIs(client), whoIs(client), whoIs(client)]);
    const old = proxy.openConnections();
    await renew(files, await certificateOf('CN=bob'));
    letPass(20_000);
    await whoIs(client);

    await eventually('one open connection', async () => proxy.openConnections() === 1);

    expect(old).toBe(3);
    await client.close();
    await proxy.close();
  });
});

test('a watch resumes with the renewed certificate, and misses nothing', async () => {
  const admin = clientOf(sandbox().kubeconfig);
  const namespace = uniqueNamespace('rotation');
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const make = (name: string) =>
    admin.request({
      method: 'POST',
      path,
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } },
    });
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
  await admin.request({ method: 'POST', path: '/api/v1/namespaces', body });
  const files = await writeFiles(await certificateOf('O=system:masters,CN=first'));
  const client = clientOf(files.kubeconfig);
  const [seen, downs] = [[] as string[], [] as unknown[]];
  const end = new AbortController();
  const see = ({ metadata }: KubeObject) => seen.push(String(metadata.name));
  const listener: StreamListener = {
    onEvent: (_type, object) => see(object),
    startList: () => ({ page: (objects) => objects.map(see), end: () => undefined }),
    onState: (error: unknown) => downs.push(error),
  };
  const following = followCollection(client, { path, labelSelector: '' }, listener, {
    since: undefined,
    signal: end.signal,
  });
  await make('before');
  await eventually('the first object', async () => seen.includes('before'));
  await renew(files, await certificateOf('O=system:masters,CN=second'));
  letPass(20_000);
  await client.request({ path });
  await make('after');

  await eventually('the event after', async () => seen.includes('after'));

  expect(downs.some((error) => error !== undefined)).toBe(true);
  end.abort();
  await following;
  await admin.request({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` });
});

test('a client certificate within the kubeconfig is used when the kubeconfig changes', async () => {
  const file = join(folder, 'embedded');
  const write = async (subject: string) => {
    const { certificate, key } = await certificateOf(subject);
    const user = { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) };
    const cluster = { 'certificate-authority': authorityFile() };
    await put(file, kubeconfigFor(sandbox().apiServerUrl, user, cluster));
  };
  await write('CN=alice');
  const client = clientOf(file);
  const before = await whoIs(client);
  await write('CN=bob');
  letPass(20_000);
  const after = await whoIs(client);
  // A partial file, as a non-atomic write leaves it for a moment.
  await writeFile(file, 'apiVersion: v1\nclusters: [');
  letPass(20_000);

  expect([before, after, await whoIs(client)]).toEqual(['alice', 'bob', 'bob']);
});

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** A credential plugin that prints the content of its file. */
async function writePlugin(name: string) {
  const [plugin, response] = [join(folder, name), join(folder, `${name}.json`)];
  await writeFile(plugin, `#!/bin/sh\ncat ${response}\n`);
  await chmod(plugin, 0o755);
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: plugin, interactiveMode: 'Never' };
  const file = join(folder, `${name}.kubeconfig`);
  await writeFile(
    file,
    kubeconfigFor(sandbox().apiServerUrl, { exec }, { 'certificate-authority': authorityFile() }),
  );
  const gives = async ({ certificate, key }: KeyPair) => {
    const status = { clientCertificateData: certificate, clientKeyData: key };
    const credential = { apiVersion: exec.apiVersion, kind: 'ExecCredential', status };
    await put(response, JSON.stringify(credential));
  };
  return { file, gives };
}

test('runs a plugin again after its client certificate has expired', async () => {
  const plugin = await writePlugin('expiring');
  await plugin.gives(await certificateOf('CN=alice', BRIEF_MS));
  const client = clientOf(plugin.file);
  const before = await whoIs(client);
  await plugin.gives(await certificateOf('CN=bob'));
  await sleep(BRIEF_MS + 1_000);

  expect([before, await whoIs(client)]).toEqual(['alice', 'bob']);
});

test('uses a renewed bundle of certificate authorities immediately', async () => {
  const files = await writeFiles(await certificateOf('CN=alice'));
  await put(files.authority, (await certificateOf('CN=stranger')).certificate);
  const client = clientOf(files.kubeconfig);
  const before = await whoIs(client).catch((error: unknown) => error);
  await copyFile(authorityFile(), files.authority);

  expect(before).toMatchObject({
    code: 'CLUSTER_UNREACHABLE',
    message: expect.stringContaining('its certificate is not signed by the kubeconfig’s CA'),
  });
  expect(await whoIs(client)).toBe('alice');
});

describe('a release', async () => {
  const files = await writeFiles(await certificateOf('O=system:masters,CN=first'));
  const fixture = startFixture({ kubeconfig: { files: [files.kubeconfig] } });

  test('completes if its certificate expires and is renewed while it runs', async () => {
    await createNamespace(fixture);
    await renew(files, await certificateOf('O=system:masters,CN=first', 2 * BRIEF_MS));
    const options = { signal: new AbortController().signal, checkLease: heldLease };
    const objects = [configMap(fixture, 'keep'), configMap(fixture, 'drop')];
    const first = await openRun(fixture);
    await first.apply(objects, options);
    await first.writeRecord(recordOf(fixture), objects, heldLease);
    const second = await openRun(fixture);
    const kept = objects.slice(0, 1);
    await second.apply(kept, options);
    await sleep(2 * BRIEF_MS + 1_000);
    await renew(files, await certificateOf('O=system:masters,CN=second'));

    const pruned = await second.prune(kept, options);

    expect(lines(pruned.changes)).toEqual([`pruned ConfigMap ${fixture.namespace}/drop`]);
  });
});
