import { afterAll, beforeAll, expect, it } from 'vitest';
import { app, appsYaml } from '../support/apps.ts';
import { testRepository } from '../support/repository.ts';
import { eventually, type TestSlipway, testSlipway } from '../support/slipway.ts';

let slipway: TestSlipway;

beforeAll(async () => {
  slipway = await testSlipway();
});
afterAll(() => slipway.stop());

const ops = async (path: string) => fetch(`${slipway.opsUrl}${path}`);

it('statuses that a token may not write are shown to the operator, and sent after a restart with a better one', async () => {
  const process = await slipway.start('run');
  const repository = await testRepository(slipway, () => ({ 'README.md': 'loans' }));
  const { forge, name, namespace } = repository;
  await forge.setFaults('github', { statusErrors: Array.from({ length: 100 }, () => 401) }, name);
  const commit = await repository.push({ 'slipway.yaml': appsYaml(namespace), ...app('web', '1') });
  await repository.reached('web', ['succeeded']);

  const refused = await eventually('the refusal', async () => {
    const response = await ops('/readyz');
    expect(response.status).toBe(200);
    return ((await response.json()) as { refusedStatuses?: object[] }).refusedStatuses;
  });
  expect(refused).toMatchObject([
    {
      repository: repository.id,
      reason: expect.stringContaining('401'),
      hint: expect.stringContaining('token'),
    },
  ]);
  expect(await (await ops('/metrics')).text()).toContain('slipway_commit_reports_refused{forge="github"} 1');
  expect(slipway.logs()).toContain('statuses refused until access is mended');
  expect(await repository.lastStatuses(commit)).toEqual({});

  await process.end();
  await forge.clearFaults('github', name);
  await slipway.start('run');
  await repository.reported(commit, 'success');
});
