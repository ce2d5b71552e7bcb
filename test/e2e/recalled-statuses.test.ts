import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../sandbox/redis/redis.ts';
import type { SlipwayProcess } from '../../sandbox/slipway/start-slipway.ts';
import { app, appsYaml } from '../support/apps.ts';
import { letGo } from '../support/cluster.ts';
import { deployment } from '../support/loan-service.ts';
import { type TestRepository, testRepository } from '../support/repository.ts';
import { eventually, type Face, type TestSlipway, testSlipway } from '../support/slipway.ts';

/** A Redis of this file alone, because it is emptied. */
let redis: RedisServer;
let dir: string;
let slipway: TestSlipway;
let running: SlipwayProcess;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-recalled-'));
  redis = await startRedis({ dir, log: () => undefined });
  slipway = await testSlipway('github', { redisUrl: redis.url, pollInterval: '2s' });
  running = await slipway.start('run');
});
afterAll(async () => {
  await slipway.stop();
  await redis.stop();
  await rm(dir, { recursive: true, force: true });
});

/** Kills Slipway, empties Redis, and starts Slipway again after `meanwhile`. */
async function loseRedis<T>(meanwhile: () => Promise<T>): Promise<T> {
  await running.end('SIGKILL');
  const connection = new Redis(redis.url);
  await connection.flushall().finally(() => connection.disconnect());
  const result = await meanwhile();
  running = await slipway.start('run');
  return result;
}

const image = (name: string) => ({ 'apps/web/deployment.yaml': deployment({ name: 'web', image: name }) });

/** A repository with an app that runs. */
async function loans(
  face: Face,
  names = ['web'],
  environments?: Record<string, string>,
): Promise<TestRepository> {
  const repository = await testRepository(slipway, () => ({ 'README.md': 'loans' }), face);
  const apps = Object.assign({}, ...names.map((name) => app(name, '1')));
  const yaml = appsYaml(repository.namespace, environments);
  const first = await repository.push({ 'slipway.yaml': yaml, ...apps });
  for (const name of Object.keys(environments ?? { production: 'main' })) {
    await repository.reported(first, 'success', `slipway/${name}`);
  }
  return repository;
}

const openOn = async (repository: TestRepository, commit: string) =>
  Object.values(await repository.lastStatuses(commit)).filter(({ state }) =>
    ['pending', 'running'].includes(state),
  );

describe.each<[Face, string]>([
  ['github', 'success'],
  ['gitlab', 'canceled'],
])('a status on %s that was open when Redis was emptied', (face, superseded) => {
  it('is ended as superseded if another commit was pushed meanwhile, also on its pull request', async () => {
    const repository = await loans(face);
    await repository.push(image('web:held'), 'work');
    const pull = await repository.merge('work', 'merge');
    const lost = pull.mergeCommitSha ?? '';
    for (const commit of [lost, pull.headSha]) await repository.reported(commit, 'pending');

    const head = await loseRedis(() => repository.push(image('web:v2')));
    await letGo(repository.namespace);

    await repository.reported(head, 'success');
    for (const commit of [lost, pull.headSha]) {
      await eventually(`the end of ${commit}`, async () => (await openOn(repository, commit)).length === 0);
      expect((await repository.lastStatuses(commit))['slipway/production']).toMatchObject({
        state: superseded,
        description: `superseded by ${head.slice(0, 12)}`,
      });
    }
  });
});

describe.each(['main', 'trial'])('an environment that followed %s', (followed) => {
  it('and was removed while Redis was emptied is removed, and its open statuses end', async () => {
    const repository = await loans('github', ['web'], { production: 'main', trial: 'main' });
    const context = 'slipway/trial';
    const both = { production: 'main', trial: followed };
    await repository.push({ 'slipway.yaml': appsYaml(repository.namespace, both), ...app('web', '2') });
    const open = await repository.push(image('web:held'), followed);
    for (const one of [context, `${context}/web`]) await repository.reported(open, 'pending', one);

    const head = await loseRedis(() => repository.push({ 'slipway.yaml': appsYaml(repository.namespace) }));

    await repository.reported(head, 'success', context);
    expect((await repository.lastStatuses(head))[context]?.description).toMatch(
      /^web: no longer in slipway.yaml; prune held: 2 objects would be deleted/,
    );
    for (const one of [context, `${context}/web`]) {
      await eventually(`the end of ${one}`, async () => {
        const status = (await repository.lastStatuses(open))[one];
        return status?.description === `superseded by ${head.slice(0, 12)}`;
      });
    }
  });
});

describe('after Redis was emptied', () => {
  it('a commit that is still the head ends with what its release says', async () => {
    const repository = await loans('github');
    const commit = await repository.push(image('web:held'));
    await repository.reported(commit, 'pending');
    await loseRedis(async () => undefined);
    await letGo(repository.namespace);
    await repository.reported(commit, 'success');
    await eventually('its end', async () => (await openOn(repository, commit)).length === 0);
  });

  it('an app of the head that has no context of its own any more is ended all the same', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `app-${i}`);
    const repository = await loans('github', [...names, 'web']);
    const commit = await repository.push(image('web:held'));
    await repository.reported(commit, 'pending', 'slipway/production/web');
    await loseRedis(async () => undefined);
    await letGo(repository.namespace);
    await repository.reported(commit, 'success');
    await repository.reported(commit, 'success', 'slipway/production/web');
  });

  it('a commit that had ended keeps its last word, and gets no other', async () => {
    const repository = await loans('github');
    const ended = await repository.push(app('web', '2'));
    for (const context of ['slipway/production', 'slipway/production/web']) {
      await repository.reported(ended, 'success', context);
    }
    const before = await repository.forge.statuses('github', repository.name, ended);
    const head = await loseRedis(() => repository.push(app('web', '3')));
    await repository.reported(head, 'success');
    await eventually('the question about it', async () => {
      const requests = await repository.forge.requests('github', repository.name);
      return requests.some(
        ({ method, path }) => method === 'GET' && path.endsWith(`/commits/${ended}/status`),
      );
    });
    expect(await repository.forge.statuses('github', repository.name, ended)).toEqual(before);
  });
});
