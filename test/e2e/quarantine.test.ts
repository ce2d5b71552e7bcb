import { expect, it } from 'vitest';
import { app } from '../support/apps.ts';
import { configMap, slipwayYaml } from '../support/loan-service.ts';
import { testRepository } from '../support/repository.ts';
import { eventually, testSlipway } from '../support/slipway.ts';

const OBJECTS = 300;

function manyObjects(): Record<string, string> {
  const names = Array.from({ length: OBJECTS }, (_, i) => `settings-${String(i).padStart(3, '0')}`);
  return { 'apps/web/all.yaml': names.map((name) => configMap(name, { value: 'one' })).join('---\n') };
}

it('ends the release as failed after three workers died while they deployed it, and deploys it if an operator asks, and the next commit', async () => {
  // One request at a time keeps the release running long enough to be interrupted.
  const slipway = await testSlipway('github', { maxRequests: 1 });
  try {
    await slipway.start('server');
    await Promise.all(['intake', 'notify'].map((name) => slipway.start('worker', name)));
    const repository = await testRepository(slipway, (namespace) => ({
      'slipway.yaml': slipwayYaml(
        { production: { branch: 'main', cluster: 'prod', namespace } },
        { web: { path: 'apps/web' } },
      ),
    }));
    const deadly = await repository.push(manyObjects());
    for (const attempt of [1, 2, 3]) {
      const worker = await slipway.start('worker', 'deploy');
      await eventually(`attempt ${attempt} under way`, async () => {
        const [release] = await repository.history('web');
        return release?.attempts === attempt && release.state === 'applying';
      });
      await worker.end('SIGKILL');
    }
    await slipway.start('worker', 'deploy');
    await repository.reported(deadly, 'failure');
    const statuses = await repository.lastStatuses(deadly);
    expect(statuses['slipway/production']?.description).toContain('3 worker processes died');
    expect(await repository.history('web')).toMatchObject([
      { number: 1, commit: deadly, state: 'failed', attempts: 3, failure: { code: 'QUARANTINED' } },
    ]);

    const { jobs } = await slipway.api<{ jobs: { queue: string; name: string; deaths: number }[] }>(
      '/api/quarantine',
    );
    const name = repository.target('web');
    expect(jobs).toMatchObject([{ queue: 'deploy', name, repository: repository.id, deaths: 3 }]);
    const body = JSON.stringify({ queue: 'deploy', name });
    await slipway.api('/api/quarantine/retry', { method: 'POST', body });
    await repository.reported(deadly, 'success');
    expect(await slipway.api('/api/quarantine')).toEqual({ jobs: [] });

    const harmless = await repository.push(app('web', 'two'));
    await repository.reported(harmless, 'success');
  } finally {
    await slipway.stop();
  }
});
