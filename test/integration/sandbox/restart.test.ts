import { Redis } from 'ioredis';
import { afterEach, expect, test } from 'vitest';
import { type Folder, makeFolder } from '../../../sandbox/folder.ts';
import { startKubernetes } from '../../../sandbox/kubernetes/kubernetes.ts';
import { type RedisServer, startRedis } from '../../../sandbox/redis/redis.ts';
import { kubectl } from '../../support/kubectl.ts';
import { sandbox } from '../../support/sandbox.ts';

const cleanUps: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function folder(): Promise<Folder> {
  const made = await makeFolder();
  cleanUps.push(made.remove);
  return made;
}

async function ask<T>(server: RedisServer, question: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(server.url, { maxRetriesPerRequest: 1 });
  return question(redis).finally(() => redis.disconnect());
}

test('a Redis that was stopped comes back at the same address with its data', async () => {
  const { path } = await folder();
  const server = await startRedis({ dir: path, log: () => undefined });
  cleanUps.push(() => server.stop());
  await ask(server, (redis) => redis.set('desired', 'abc'));

  await server.stop();
  await server.start();

  expect(await ask(server, (redis) => redis.get('desired'))).toBe('abc');
});

test('an API server that crashed comes back at the same address with its data', async () => {
  const { path } = await folder();
  const kubernetes = await startKubernetes({ dir: path, programs: sandbox().programs });
  cleanUps.push(kubernetes.stop);
  const own = `--kubeconfig=${kubernetes.kubeconfig}`;
  await kubectl([own, 'create', 'namespace', 'loans']);

  await kubernetes.apiServer.stop('SIGKILL');
  await kubernetes.apiServer.start();

  expect(await kubectl([own, 'get', 'namespace', 'loans', '-o', 'name'])).toBe('namespace/loans\n');
});
