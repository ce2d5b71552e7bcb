import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createSuspects } from '../../../src/queue/suspects.ts';
import { createWakeUps } from '../../../src/queue/wake-ups.ts';
import { testRedis } from '../../support/redis.ts';
import { sandbox, uniquePrefix } from '../../support/sandbox.ts';
import { eventually } from '../../support/slipway.ts';

const program = new URL('../../support/deadly-worker.ts', import.meta.url).pathname;

/** Worker processes of which each is started again when it dies, as a cluster does with Pods. */
async function deadlyWorkers(processes: number) {
  const prefix = uniquePrefix();
  const dir = await mkdtemp(join(tmpdir(), 'slipway-quarantine-'));
  const file = join(dir, 'said');
  const redis = testRedis();
  const wakeUps = createWakeUps(redis, prefix, { clusters: ['prod'], forges: [] }, () => 'acme');
  const children = new Map<number, ReturnType<typeof spawn>>();
  let deaths = 0;
  let isOver = false;
  const start = (index: number) => {
    const child = spawn(process.execPath, [program, sandbox().redisUrl, prefix, file], { stdio: 'inherit' });
    children.set(index, child);
    child.once('exit', () => {
      if (isOver) return;
      deaths += 1;
      start(index);
    });
  };
  for (let index = 0; index < processes; index += 1) start(index);
  onTestFinished(async () => {
    isOver = true;
    for (const child of children.values()) child.kill('SIGKILL');
    await wakeUps.close();
    redis.disconnect();
    await rm(dir, { recursive: true });
  });
  return {
    suspects: createSuspects(redis, prefix),
    deaths: () => deaths,
    push: (...targets: string[]) =>
      wakeUps.enqueueDeploys(targets.map((target, index) => ({ target, cluster: 'prod', index }))),
    work: (name: string) => redis.set(`${prefix}:work`, name),
    async said(line: string): Promise<number> {
      const text = await readFile(file, 'utf8').catch(() => '');
      return text.split('\n').filter((one) => one === line).length;
    },
  };
}

it.concurrent('a job that kills three processes is given up, and its neighbours are not', async () => {
  const workers = await deadlyWorkers(2);
  const innocent = ['a', 'b', 'c', 'd'];
  await workers.push('deadly', ...innocent);
  await eventually('the job given up', async () => (await workers.said('QUARANTINED deadly')) > 0);
  await eventually('the end of the others', async () => {
    const ends = await Promise.all(innocent.map((one) => workers.said(`ended ${one}`)));
    return ends.every((count) => count > 0);
  });
  expect(workers.deaths()).toBe(3);
  expect(await workers.said('began deadly')).toBe(3);
  expect(await workers.suspects.all()).toMatchObject([
    { queue: 'deploy', name: 'deadly', deaths: 3, quarantined: true },
  ]);
});

it.concurrent('two jobs that kill processes are both given up, however they share them', async () => {
  const workers = await deadlyWorkers(1);
  await workers.push('deadly-1', 'deadly-2', 'a');
  await eventually('both given up', async () => {
    const told = await Promise.all([1, 2].map((i) => workers.said(`QUARANTINED deadly-${i}`)));
    return told.every((count) => count > 0);
  });
  await eventually('the end of the other one', async () => (await workers.said('ended a')) > 0);
  expect(await workers.said('QUARANTINED a')).toBe(0);
});

it.concurrent('a job in quarantine is not run when it is enqueued again, and is run when it has new work', async () => {
  const workers = await deadlyWorkers(1);
  await workers.push('deadly');
  await eventually('the job given up', async () => (await workers.said('QUARANTINED deadly')) > 0);
  await workers.push('deadly');
  await eventually('the job given up again', async () => (await workers.said('QUARANTINED deadly')) > 1);
  expect(await workers.said('began deadly')).toBe(3);
  await workers.work('harmless');
  await workers.push('deadly');
  await eventually('the job done', async () => (await workers.said('ended deadly')) === 1);
  await eventually('no job in quarantine', async () => (await workers.suspects.all()).length === 0);
});

it.concurrent('a job whose deaths are forgotten may kill three processes again', async () => {
  const workers = await deadlyWorkers(1);
  await workers.push('deadly');
  await eventually('the job given up', async () => (await workers.said('QUARANTINED deadly')) > 0);
  await workers.suspects.forget('deploy', 'deadly');
  await workers.push('deadly');
  await eventually('the job given up again', async () => (await workers.said('QUARANTINED deadly')) > 1);
  expect(await workers.said('began deadly')).toBe(6);
});
