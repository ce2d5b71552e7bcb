import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import type { SlipwayError } from '../../../src/errors.ts';
import { createKubeClient, type KubeClient } from '../../../src/kube/client/client.ts';
import { execPlugins } from '../../../src/kube/client/exec-plugin.ts';
import { clusterDefaults, type KubeconfigSource } from '../../../src/kube/input.ts';
import type { JsonObject } from '../../../src/model/object.ts';
import { expiringToken } from '../../support/expiring-token.ts';
import { sandbox } from '../../support/sandbox.ts';
import { eventually } from '../../support/slipway.ts';
import { kubeconfigFor, startFront } from './front.ts';

const folder = await mkdtemp(join(tmpdir(), 'slipway-credentials-'));
const front = await startFront();
const clients: KubeClient[] = [];

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await front.close();
  await rm(folder, { recursive: true });
});

function clientOf(kubeconfig: KubeconfigSource, addSecret?: (secret: string) => void): KubeClient {
  const client = createKubeClient({
    name: 'sandbox',
    kubeconfig,
    ...clusterDefaults,
    retryBudgetMs: 0,
    addSecret,
  });
  clients.push(client);
  return client;
}

/** The API server's address and its certificate authority. */
async function clusterOfSandbox(): Promise<{ server: string; ca: string }> {
  const kubeconfig = await readFile(sandbox().kubeconfig, 'utf8');
  const authority = /certificate-authority-data["']?: ["']?([\w+/=]+)/.exec(kubeconfig)?.[1];
  const file = /certificate-authority["']?: ["']?([^"'\s]+)/.exec(kubeconfig)?.[1];
  return {
    server: sandbox().apiServerUrl,
    ca: authority ?? (await readFile(file ?? '')).toString('base64'),
  };
}

/** Accepts only requests with this token. */
function letIn(token: string): void {
  front.mischief = ({ headers }) =>
    headers.authorization === `Bearer ${token}` ? undefined : { response: 401 };
}

const namespaces = { path: '/api/v1/namespaces' };

test('reads a rotated token file again after a 401', async () => {
  const tokenFile = join(folder, 'token');
  await writeFile(tokenFile, 'first\n');
  const client = clientOf({ content: kubeconfigFor(front.url, { tokenFile }) });
  letIn('first');
  await client.request(namespaces);
  await writeFile(tokenFile, 'second\n');
  letIn('second');

  await expect(client.request(namespaces)).resolves.toMatchObject({ status: 200 });
});

test('replaces an expired token by the current one of its file', async () => {
  const admin = clientOf({ files: [sandbox().kubeconfig] });
  const tokenFile = join(folder, 'expiring-token');
  const { server, ca } = await clusterOfSandbox();
  const withUser = (user: JsonObject) => ({
    content: kubeconfigFor(server, user, { 'certificate-authority-data': ca }),
  });
  const first = await expiringToken(admin, 'default/default', 3_000);
  await writeFile(tokenFile, first);
  const [client, old] = [clientOf(withUser({ tokenFile })), clientOf(withUser({ token: first }))];
  await client.request({ path: '/api' });
  const isOver = () =>
    old.request({ path: '/api' }).then(
      () => false,
      (error: SlipwayError) => error.code,
    );
  // The API server caches successful authentication for some seconds.
  expect(await eventually('the end of the token', isOver)).toBe('CLUSTER_FORBIDDEN');
  await expect(client.request({ path: '/api' })).rejects.toMatchObject({
    code: 'CLUSTER_FORBIDDEN',
    message: expect.stringContaining("does not accept Slipway's credentials"),
  });

  await writeFile(tokenFile, await expiringToken(admin, 'default/default', 600_000));

  await expect(client.request({ path: '/api' })).resolves.toMatchObject({ status: 200 });
}, 60_000);

test('opens a watch again with the current token after a 401', async () => {
  const tokenFile = join(folder, 'watch-token');
  await writeFile(tokenFile, 'first');
  const client = clientOf({ content: kubeconfigFor(front.url, { tokenFile }) });
  letIn('first');
  await client.request(namespaces);
  await writeFile(tokenFile, 'second');
  letIn('second');
  const end = new AbortController();

  const watching = client.watch(
    { ...namespaces, signal: end.signal, onOpen: () => end.abort('seen') },
    () => {},
  );

  await expect(watching).rejects.toBe('seen');
});

test('runs an exec plugin again after a 401', async () => {
  const [plugin, token] = [join(folder, 'plugin'), join(folder, 'plugin-token')];
  const credential =
    '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s"}}';
  await writeFile(plugin, `#!/bin/sh\nprintf '${credential}' "$(cat ${token})"\n`);
  await chmod(plugin, 0o755);
  await writeFile(token, 'one');
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: plugin, interactiveMode: 'Never' };
  const client = clientOf({ content: kubeconfigFor(front.url, { exec }) });
  letIn('one');
  await client.request(namespaces);
  await writeFile(token, 'two');
  letIn('two');

  await expect(client.request(namespaces)).resolves.toMatchObject({ status: 200 });
});

test('finds an exec plugin relative to its kubeconfig, and gives it the environment that kubectl gives', async () => {
  const [plugin, file] = [join(folder, 'plugin'), join(folder, 'kubeconfig')];
  const credential = `'{"kind":"ExecCredential","status":{"token":"right"}}'`;
  await writeFile(
    plugin,
    `#!/bin/sh\nprintf %s "$KUBERNETES_EXEC_INFO" > ${plugin}.info\nprintf %s ${credential}\n`,
  );
  await chmod(plugin, 0o755);
  const apiVersion = 'client.authentication.k8s.io/v1';
  const exec = { apiVersion, command: './plugin', provideClusterInfo: true };
  await writeFile(file, kubeconfigFor(front.url, { exec }));
  letIn('right');

  await clientOf({ files: [file] }).request(namespaces);

  expect(JSON.parse(await readFile(`${plugin}.info`, 'utf8'))).toEqual({
    apiVersion,
    kind: 'ExecCredential',
    spec: { interactive: false, cluster: { server: front.url } },
  });
});

test('kills an exec plugin that does not respond, and its child processes', async () => {
  const plugin = join(folder, 'hangs');
  // Its child keeps the output open too.
  await writeFile(plugin, `#!/bin/sh\nsleep 600 &\necho $! > ${plugin}.pid\nwait\n`);
  await chmod(plugin, 0o755);
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: plugin };
  const cluster = { name: 'c', server: front.url, skipTLSVerify: false };

  const authentication = execPlugins(500).applyAuthentication({ name: 'u', exec }, {}, cluster);

  await expect(authentication).rejects.toThrow();
  const child = (await readFile(`${plugin}.pid`, 'utf8')).trim();
  await eventually('the end of its child', async () => !(await isRunning(child)));
});

/** A zombie process does not count as running. */
async function isRunning(pid: string): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z');
  return !/\) Z/.test(stat);
}

test('a failing exec plugin is a retryable error that contains no secret', async () => {
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: '/bin/false' };
  const client = clientOf({ content: kubeconfigFor(front.url, { exec }) });

  await expect(client.request(namespaces)).rejects.toMatchObject({
    code: 'CLUSTER_UNREACHABLE',
    message: 'no credentials for the cluster from user u: /bin/false returned none',
  });
});

test('a token that stays invalid is CLUSTER_FORBIDDEN after one retry', async () => {
  letIn('right');
  const before = front.requests.length;
  const client = clientOf({ content: kubeconfigFor(front.url, { token: 'wrong' }) });

  await expect(client.request(namespaces)).rejects.toMatchObject({ code: 'CLUSTER_FORBIDDEN' });

  expect(front.requests.length - before).toBe(2);
});

test('authenticates with the token of a pod’s service account', async () => {
  const root = await mkdtemp(join(folder, 'pod-'));
  const { port, hostname } = new URL(sandbox().apiServerUrl);
  await writeFile(join(root, 'ca.crt'), Buffer.from((await clusterOfSandbox()).ca, 'base64'));
  const admin = clientOf({ files: [sandbox().kubeconfig] });
  const path = '/api/v1/namespaces/default/serviceaccounts/default/token';
  const body: JsonObject = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const response = await admin.request({ method: 'POST', path, body });
  await writeFile(join(root, 'token'), (response.body.status as { token: string }).token);
  const client = clientOf({ inCluster: { host: hostname, port, root } });
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };

  const { body: self } = await client.request({
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    body: review,
  });

  expect(self.status).toMatchObject({ userInfo: { username: 'system:serviceaccount:default:default' } });
});

test('an impersonated service account has its own groups and no others', async () => {
  const client = clientOf({ files: [sandbox().kubeconfig] });

  const { body } = await client.request({
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
    as: 'system:serviceaccount:loans:deployer',
  });

  expect(body.status).toEqual({
    userInfo: {
      username: 'system:serviceaccount:loans:deployer',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:loans', 'system:authenticated'],
    },
  });
});

test('refuses a server whose certificate is signed by another CA, and names the reason', async () => {
  const client = clientOf({ content: kubeconfigFor(sandbox().apiServerUrl, { token: 'x' }) });

  await expect(client.request({ path: '/version' })).rejects.toMatchObject({
    code: 'CLUSTER_UNREACHABLE',
    message: expect.stringContaining('its certificate is not signed by the kubeconfig’s CA'),
  });
});

test('a missing response is CLUSTER_UNREACHABLE after the timeout', async () => {
  const silent = createServer(() => undefined);
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const address = silent.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const client = clientOf({ content: kubeconfigFor(`http://127.0.0.1:${port}`) });

  await expect(client.request({ path: '/version', timeoutMs: 500 })).rejects.toMatchObject({
    code: 'CLUSTER_UNREACHABLE',
    message: expect.stringContaining('no response in time'),
  });
  silent.closeAllConnections();
  silent.close();
});

test('a response that is not JSON is CLUSTER_UNREACHABLE, and the error does not contain it', async () => {
  const strange = createServer((_, response) => response.end('{"data": hunter2'));
  strange.listen(0, '127.0.0.1');
  await once(strange, 'listening');
  const address = strange.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const client = clientOf({ content: kubeconfigFor(`http://127.0.0.1:${port}`) });

  const error: unknown = await client.request({ path: '/version' }).catch((thrown: unknown) => thrown);

  expect(error).toMatchObject({ code: 'CLUSTER_UNREACHABLE', message: expect.stringContaining('not JSON') });
  expect(inspect(error)).not.toContain('hunter2');
  strange.closeAllConnections();
  strange.close();
});

test('uses a kubeconfig that changes on disk', async () => {
  const file = join(folder, 'kubeconfig');
  await writeFile(file, kubeconfigFor(front.url, { token: 'a' }));
  const client = clientOf({ files: [file] });
  letIn('a');
  await client.request(namespaces);
  await writeFile(file, kubeconfigFor(front.url, { token: 'b' }));
  letIn('b');

  await expect(client.request(namespaces)).resolves.toMatchObject({ status: 200 });
});

test('hands the token in use to the log, to be masked, also after a rotation', async () => {
  const tokenFile = join(folder, 'rotating-token');
  await writeFile(tokenFile, 'first-token\n');
  const secrets = new Set<string>();
  const client = clientOf({ content: kubeconfigFor(front.url, { tokenFile }) }, (secret) =>
    secrets.add(secret),
  );
  letIn('first-token');
  await client.request(namespaces);
  await writeFile(tokenFile, 'second-token\n');
  letIn('second-token');
  await client.request(namespaces);

  expect([...secrets]).toEqual(['first-token', 'second-token']);
});

test('hands a password to the log, to be masked, as it is and as it is sent', async () => {
  const secrets = new Set<string>();
  const user = { username: 'admin', password: 'of:the-admin' };
  const client = clientOf({ content: kubeconfigFor(front.url, user) }, (secret) => secrets.add(secret));
  front.mischief = () => undefined;
  await client.request(namespaces).catch(() => undefined);

  expect([...secrets]).toEqual([Buffer.from('admin:of:the-admin').toString('base64'), 'of:the-admin']);
});
