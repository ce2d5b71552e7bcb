import { expect, it, onTestFinished } from 'vitest';
import { intake } from '../../../src/intake/intake.ts';
import type { Failure } from '../../../src/model/failure.ts';
import { startPlanWorker } from '../../../workers/plan.ts';
import { app, appsYaml } from '../../support/apps.ts';
import { compositionUnderTest, quietRepository } from '../../support/composition.ts';
import { eventually } from '../../support/slipway.ts';

interface PlanResponse {
  id: string;
  state: string;
  failure?: Failure;
}

const neverAborts = new AbortController().signal;

it('a request for a plan that killed three workers ends with the reason, and an operator sees it', async () => {
  const { slipway, composition } = await compositionUnderTest();
  const repository = await quietRepository(slipway, (namespace) => ({
    'slipway.yaml': appsYaml(namespace),
    ...app('web', '1'),
  }));
  await intake(repository.id, composition, neverAborts);
  await slipway.start('server');
  const body = JSON.stringify({ target: repository.target('web') });
  const { id } = await slipway.api<PlanResponse>('/api/plans', { method: 'POST', body });
  // The second death is noted. The worker that ran it then has not lived to clear it.
  const job = { queue: 'plan', name: id };
  await composition.suspects.write({ ...job, deaths: 2, work: '', quarantined: false });
  const worker = startPlanWorker(composition);
  onTestFinished(() => worker.stop(0));

  const ended = await eventually('the end of the plan', async () => {
    const plan = await slipway.api<PlanResponse>(`/api/plans/${id}`);
    return plan.failure && plan;
  });

  expect(ended).toMatchObject({ failure: { code: 'QUARANTINED' } });
  expect(ended.failure?.summary).toContain('3 worker processes died');
  expect(await slipway.api('/api/quarantine')).toMatchObject({ jobs: [{ ...job, deaths: 3 }] });
  const metrics = async () => (await fetch(`${slipway.opsUrl}/metrics`)).text();
  expect(await metrics()).toContain('slipway_quarantined_jobs{queue="plan"} 1\n');

  await slipway.api('/api/quarantine/retry', { method: 'POST', body: JSON.stringify(job) });
  expect(await metrics()).not.toContain('slipway_quarantined_jobs{queue="plan"}');
});
