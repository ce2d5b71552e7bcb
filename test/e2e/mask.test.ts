import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import type { ReleaseWithChanges } from '../../src/model/release.ts';
import { configMap, deployment, slipwayYaml } from '../support/loan-service.ts';
import { testRedis } from '../support/redis.ts';
import { errorsIn, type TestRepository, testRepository } from '../support/repository.ts';
import { type TestSlipway, testSlipway } from '../support/slipway.ts';

/** Part of every masked value, and of nothing else. */
const hidden = 'Hidden_Value';

let slipway: TestSlipway;
let repository: TestRepository;

beforeAll(async () => {
  const rule = { branches: ['*'], namespaces: ['*'], createNamespaces: true };
  slipway = await testSlipway('github', {
    projects: {
      acme: {
        repositories: ['github/acme/*'],
        clusters: { prod: rule },
        mask: [
          { kind: 'Service', path: 'spec.externalName' },
          { kind: 'Deployment', path: 'spec.template.spec.containers[*].image' },
        ],
      },
    },
  });
  await slipway.start('run');
  repository = await testRepository(slipway, (namespace) => ({
    'slipway.yaml': slipwayYaml(
      { production: { branch: 'main', cluster: 'prod', namespace } },
      {
        web: {
          path: 'web',
          failFast: '10s',
          mask: [{ kind: 'ConfigMap', name: 'license', path: 'data[license.key]' }],
        },
      },
    ),
    'README.md': 'loans',
  }));
});
afterAll(async () => {
  expect(errorsIn(slipway)).toEqual([]);
  await slipway.stop();
});

const image = (tag: string) => ({
  'web/deployment.yaml': deployment({ name: 'web', image: `${hidden.toLowerCase()}/web:${tag}` }),
});
const license = (key: string) => ({
  'web/license.yaml': configMap('license', { 'license.key': `${hidden}-${key}`, rate: key }),
});
const external = (externalName: string) => ({
  'web/external.yaml': stringify({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'external' },
    spec: { type: 'ExternalName', externalName },
  }),
});

/** Everything in Redis under the prefix of this Slipway, as text and decompressed. */
async function stored(): Promise<string> {
  const redis = testRedis();
  onTestFinished(() => redis.disconnect());
  const keys = await redis.keys(`${slipway.prefix.replaceAll(/[[\]*?\\]/g, '\\$&')}*`);
  const texts = await Promise.all(
    keys.map(async (key) => {
      const type = await redis.type(key);
      if (type === 'hash') return JSON.stringify(await redis.hgetall(key));
      if (type === 'list') return JSON.stringify(await redis.lrange(key, 0, -1));
      if (type === 'set') return JSON.stringify(await redis.smembers(key));
      if (type === 'zset') return JSON.stringify(await redis.zrange(key, '0', '-1'));
      if (type === 'stream') return JSON.stringify(await redis.xrange(key, '-', '+'));
      const bytes = (await redis.getBuffer(key)) ?? Buffer.alloc(0);
      return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString();
    }),
  );
  return texts.map((text, index) => `${keys[index]} ${text}`).join('\n');
}

/** Everything that people and programs can read about a release. */
async function shown(
  commit: string,
): Promise<{ statuses: string; page: string; release: string; cli: string }> {
  const [newest] = await repository.history('web');
  const id = newest?.id ?? '';
  const statuses = await repository.lastStatuses(commit);
  const address = Object.values(statuses).find(({ targetUrl }) =>
    targetUrl?.includes('/releases/'),
  )?.targetUrl;
  const page = await (await fetch(address ?? '')).text();
  const release = JSON.stringify(await slipway.api<ReleaseWithChanges>(`/api/releases/${id}`));
  const cli = JSON.stringify(await slipway.cli('release', 'show', id, '--yaml'));
  return { statuses: JSON.stringify(statuses), page, release, cli };
}

it('a masked value appears in nothing that Slipway stores, reports, shows or logs', async () => {
  const seen: string[] = [];
  const see = async (commit: string) => {
    const all = await shown(commit);
    seen.push(...Object.values(all));
    return all;
  };

  const first = await repository.push({ ...license('1'), ...image('v1'), ...external('one.example.com') });
  await repository.reported(first, 'success');
  await see(first);

  const second = await repository.push({ ...license('2'), ...image('v2') });
  await repository.reported(second, 'success');
  const changed = await see(second);
  for (const text of [changed.release, changed.page, changed.cli]) {
    expect(text).toContain('license.key');
    expect(text).toContain('***');
    expect(text).toContain('rate');
  }

  const refused = await repository.push(external(`${hidden}.example.com`));
  await repository.reported(refused, 'failure');
  expect((await see(refused)).statuses).toContain('spec.externalName: a lowercase RFC 1123 subdomain');

  const failing = await repository.push({ ...external('one.example.com'), ...image('missing') });
  await repository.reported(failing, 'failure');
  expect((await see(failing)).statuses).toContain('ImagePullBackOff');

  await repository.forge.commit('github', repository.name, 'next', {
    files: { ...license('3'), ...image('v3') },
  });
  const [plan, ...others] = await Promise.all([
    slipway.cli('plan', repository.target('web'), '--ref', 'next', '--yaml'),
    slipway.cli('diff', repository.target('web'), '--json'),
    slipway.cli('history', repository.target('web')),
    slipway.cli('status'),
  ]);
  expect(plan.stdout).toContain('license.key');
  seen.push(JSON.stringify([plan, ...others, await slipway.targets(), await repository.deliveries()]));

  const inRedis = await stored();
  expect(inRedis).toContain('data[license.key]');
  expect(inRedis).toContain('***');
  for (const text of [...seen, inRedis, slipway.logs()]) {
    expect(text.length).toBeGreaterThan(0);
    expect(text.match(new RegExp(`.{0,200}${hidden}.{0,50}`, 'i'))?.[0]).toBeUndefined();
  }
});
