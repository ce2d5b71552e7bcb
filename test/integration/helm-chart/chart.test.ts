import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { PATIENCE_MS } from '../../../sandbox/until.ts';
import { loadServerConfig } from '../../../src/config/load-server.ts';
import type { ProcessName } from '../../../src/config/needed-secrets.ts';
import { forgeTypes } from '../../../src/forges/registry.ts';
import { kubectl } from '../../support/kubectl.ts';
import { sandbox, uniqueNamespace } from '../../support/sandbox.ts';

const chart = fileURLToPath(new URL('../../../helm/slipway', import.meta.url));

/** Every variable that the values in helm/slipway/ci name. */
const variables = {
  GITHUB_WEBHOOK_SECRET: 'one-secret-of-the-chart',
  GITHUB_TOKEN: 'two-secret-of-the-chart',
  GITLAB_WEBHOOK_SECRET: 'three-secret-of-the-chart',
  GITLAB_TOKEN: 'four-secret-of-the-chart',
  SLIPWAY_TOKEN: 'five-secret-of-the-chart',
  REDIS_URL: 'redis://redis:6379',
};

/** Resolves to standard output and standard error together; rejects with both where helm fails. */
function helm(...args: string[]): Promise<string> {
  const { programs, kubeconfig } = sandbox();
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  return new Promise((resolve, reject) => {
    execFile(programs.helm, args, { env, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`helm ${args.join(' ')}: ${stdout}${stderr}`));
      else resolve(stdout);
    });
  });
}

interface Rendered {
  kind: string;
  metadata: { name: string; labels: Record<string, string> };
  data?: Record<string, string>;
}

const componentOf = ({ metadata }: Rendered) => metadata.labels['app.kubernetes.io/component'] ?? '';

/** What one component's Pod gets of the Secrets. */
interface Handed {
  variables: string[];
  files: string[];
}

const redis = ['REDIS_URL'];
const forges = ['GITLAB_TOKEN'];
const webhooks = ['GITHUB_WEBHOOK_SECRET', 'GITLAB_WEBHOOK_SECRET'];
const worker: Handed = { variables: [...forges, ...redis], files: ['key.pem', 'staging.yaml'] };

/** By component, with the values of helm/slipway/ci. */
const handed: Record<string, Partial<Record<ProcessName, Handed>>> = {
  single: { run: { variables: ['GITHUB_TOKEN', 'GITHUB_WEBHOOK_SECRET', 'SLIPWAY_TOKEN'], files: [] } },
  split: {
    server: { variables: [...webhooks, ...redis, 'SLIPWAY_TOKEN'], files: [] },
    intake: worker,
    plan: worker,
    deploy: worker,
    notify: { variables: [...forges, ...redis], files: ['key.pem'] },
  },
};

async function may(account: string, verb: string, resource: string, namespace?: string): Promise<string> {
  const place = namespace === undefined ? ['--all-namespaces'] : ['-n', namespace];
  const response = kubectl(['auth', 'can-i', verb, resource, ...place, `--as=${account}`, '--quiet']);
  // A no is exit code 1 without a word.
  return response.then(
    () => 'yes',
    (error: Error) => (error.message.endsWith(': ') ? 'no' : error.message),
  );
}

it('helm lint finds nothing, also without values', async () => {
  expect(await helm('lint', '--quiet', chart)).not.toMatch(/ERROR|WARNING/);
});

it.each([
  ['mode: pair', /mode/],
  ['config: { publicUrl: "https://x", dataDir: /somewhere }', /config/],
  ['replica: { run: 2 }', /replica/],
])('the values %s are refused with the key', async (values, message) => {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-chart-'));
  const file = join(dir, 'values.yaml');
  await writeFile(file, values);
  await expect(helm('template', 'slipway', chart, '-f', file)).rejects.toThrow(message);
  await rm(dir, { recursive: true });
});

describe.each(['single', 'split'])('the chart in mode %s', (mode) => {
  const own = uniqueNamespace('slipway');
  const loans = uniqueNamespace('loans');
  const billing = uniqueNamespace('billing');
  const account = `system:serviceaccount:${own}:slipway`;
  let dir: string;
  let values: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-chart-'));
    values = join(dir, 'values.yaml');
    const text = await readFile(join(chart, 'ci', `${mode}-values.yaml`), 'utf8');
    const named = parse(text.replaceAll(':loans:', `:${loans}:`).replaceAll(':billing:', `:${billing}:`));
    named.config.clusters.prod.stateNamespace = own;
    await writeFile(values, stringify(named));
    for (const namespace of [own, loans, billing]) await kubectl(['create', 'namespace', namespace]);
    const secrets = Object.entries(variables).map(([name, value]) => `--from-literal=${name}=${value}`);
    await kubectl(['create', 'secret', 'generic', 'slipway', '-n', own, ...secrets]);
    await kubectl(['create', 'secret', 'generic', 'slipway-files', '-n', own, '--from-literal=key.pem=x']);
    await helm('install', 'slipway', chart, '-n', own, '-f', values, '--wait', `--timeout=${PATIENCE_MS}ms`);
  });
  afterAll(() => rm(dir, { recursive: true }));

  it('holds a server.yaml that Slipway takes', async () => {
    const text = await helm('template', 'slipway', chart, '-n', own, '-f', values);
    const objects = parseAllDocuments(text).map((document) => document.toJS() as Rendered);
    const file = join(dir, 'server.yaml');
    await writeFile(
      file,
      objects.find(({ kind }) => kind === 'ConfigMap')?.data?.['server.yaml'] ?? 'missing',
    );
    for (const name of ['key.pem', 'staging.yaml']) await writeFile(join(dir, name), 'content');
    const config = await loadServerConfig(file, variables, forgeTypes);
    expect(config).toMatchObject({
      dataDir: '/var/lib/slipway',
      listen: { port: 8080 },
      metrics: { port: 9090 },
    });
  });

  it('is accepted field by field', async () => {
    const text = await helm('template', 'slipway', chart, '-n', own, '-f', values);
    const accepted = await kubectl(
      ['apply', '--server-side', '--dry-run=server', '--validate=strict', '-f', '-'],
      text,
    );
    expect(accepted.trim().split('\n')).toHaveLength(parseAllDocuments(text).length);
  });

  it('gives each component the secrets that its process needs, and no others', async () => {
    const text = await helm('template', 'slipway', chart, '-n', own, '-f', values);
    const objects = parseAllDocuments(text).map((document) => document.toJS());
    const deployments = objects.filter(({ kind }) => kind === 'Deployment');
    const server = objects.find(({ kind }) => kind === 'ConfigMap')?.data['server.yaml'];
    for (const deployment of deployments) {
      const component = componentOf(deployment) as ProcessName;
      const { containers, volumes } = deployment.spec.template.spec;
      const names: string[] = containers[0].env.map(({ name }: { name: string }) => name);
      const sources: { secret?: { items: { key: string; path: string }[] } }[] = volumes[0].projected.sources;
      const files = sources.flatMap(({ secret }) => secret?.items.map(({ path }) => path) ?? []);
      expect({ [component]: { variables: names, files } }).toEqual({
        [component]: handed[mode]?.[component],
      });

      const folder = await mkdtemp(join(dir, 'component-'));
      await writeFile(join(folder, 'server.yaml'), server);
      for (const file of files) await writeFile(join(folder, file), 'content');
      const env = Object.fromEntries(Object.entries(variables).filter(([name]) => names.includes(name)));
      const config = await loadServerConfig(join(folder, 'server.yaml'), env, forgeTypes, component);
      expect(config.publicUrl).toBe('https://slipway.example.com');
    }
    expect(deployments).toHaveLength(mode === 'single' ? 1 : 5);
  });

  it('lets the server reach Redis and nothing else, and only its front accepts requests', async () => {
    const text = await helm('template', 'slipway', chart, '-n', own, '-f', values);
    const policies = parseAllDocuments(text)
      .map((document) => document.toJS())
      .filter(({ kind }) => kind === 'NetworkPolicy');
    const front = mode === 'single' ? 'run' : 'server';
    for (const { metadata, spec } of policies) {
      const component = metadata.labels['app.kubernetes.io/component'];
      expect(spec.podSelector.matchLabels).toMatchObject({ 'app.kubernetes.io/component': component });
      const ports = spec.ingress.flatMap((rule: { ports: { port: string }[] }) =>
        rule.ports.map(({ port }) => port),
      );
      expect(ports).toEqual(component === front ? ['http', 'ops'] : ['ops']);
      const reached = component === 'server' ? [53, 53, 6379] : [undefined];
      const rules: { ports?: { port: number }[] }[] = spec.egress;
      expect(rules.flatMap((rule) => rule.ports?.map(({ port }) => port))).toEqual(reached);
    }
    expect(policies).toHaveLength(mode === 'single' ? 1 : 5);
  });

  it('gives the server and the notify worker an account without rights', async () => {
    const text = await helm('template', 'slipway', chart, '-n', own, '-f', values);
    const deployments = parseAllDocuments(text)
      .map((document) => document.toJS())
      .filter(({ kind }) => kind === 'Deployment');
    const without = deployments
      .filter(({ spec }) => spec.template.spec.serviceAccountName === 'slipway-unprivileged')
      .map(componentOf);
    expect(without.sort()).toEqual(mode === 'single' ? [] : ['notify', 'server']);
    expect(await may(`system:serviceaccount:${own}:slipway-unprivileged`, 'get', 'configmaps', own)).toBe(
      'no',
    );
  });

  it('gives the token of its account only to what talks to a cluster', async () => {
    const text = await helm('template', 'slipway', chart, '-n', own, '-f', values);
    const deployments = parseAllDocuments(text)
      .map((document) => document.toJS())
      .filter(({ kind }) => kind === 'Deployment');
    const withToken = deployments
      .filter(({ spec }) => spec.template.spec.automountServiceAccountToken)
      .map(({ metadata }) => metadata.labels['app.kubernetes.io/component']);
    expect(withToken.sort()).toEqual(mode === 'single' ? ['run'] : ['deploy', 'intake', 'plan']);
  });

  it('has Pods that become ready', async () => {
    const pods = JSON.parse(await kubectl(['get', 'pods', '-n', own, '-o', 'json']));
    const ready = pods.items.filter(({ status }: { status: { containerStatuses?: { ready: boolean }[] } }) =>
      status.containerStatuses?.every((container) => container.ready),
    );
    expect(ready).toHaveLength(mode === 'single' ? 1 : 9);
  });

  it.each([
    ['patch', 'configmaps', own, 'yes'],
    ['delete', 'configmaps', own, 'yes'],
    ['delete', 'configmaps', loans, 'no'],
    ['watch', 'deployments', loans, 'yes'],
    ['patch', 'deployments', loans, 'no'],
    ['get', 'secrets', loans, 'no'],
    ['impersonate', 'serviceaccounts/deployer', loans, 'yes'],
    ['impersonate', 'serviceaccounts/default', loans, 'no'],
    ['impersonate', 'serviceaccounts/deployer', billing, mode === 'split' ? 'yes' : 'no'],
  ])('may its account %s %s in %s? %s', async (verb, resource, namespace, wanted) => {
    expect(await may(account, verb, resource, namespace)).toBe(wanted);
  });

  it('may create namespaces only where a rule says so', async () => {
    expect(await may(account, 'create', 'namespaces')).toBe(mode === 'split' ? 'yes' : 'no');
  });

  it('leaves nothing behind when it is removed', async () => {
    await helm('uninstall', 'slipway', '-n', own, '--wait', `--timeout=${PATIENCE_MS}ms`);
    const kinds =
      'deployment,service,serviceaccount,networkpolicy,configmap,role,rolebinding,clusterrole,clusterrolebinding,ingress,pdb';
    const labelled = ['get', kinds, '-A', '-l', 'app.kubernetes.io/name=slipway', '-o', 'name'];
    const left = (await kubectl(labelled)).split('\n').filter((name) => name.includes(own));
    expect(left).toEqual([]);
  });
});
