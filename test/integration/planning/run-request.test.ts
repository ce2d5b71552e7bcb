import { expect, it, onTestFinished } from 'vitest';
import type { Composition } from '../../../src/composition/composition.ts';
import { createPermits } from '../../../src/composition/plan-permits.ts';
import { createPlanning } from '../../../src/composition/planning.ts';
import { SlipwayError } from '../../../src/errors.ts';
import { createPlans } from '../../../src/planning/plans.ts';
import type { PlanningPorts } from '../../../src/planning/ports.ts';
import { runRequest } from '../../../src/planning/run-request.ts';
import type { PlanRequest } from '../../../src/ports/planning.ts';
import { startPlanWorker } from '../../../workers/plan.ts';
import { app, appsYaml } from '../../support/apps.ts';
import { compositionUnderTest, quietRepository } from '../../support/composition.ts';
import { pushAndLook } from '../../support/releases.ts';

const plenty = () => 16;
const neverAborts = new AbortController().signal;

/** A target that is desired and was never deployed; every dry run is counted, and held if the test asks for it. */
async function fixture() {
  const { slipway, composition, anotherHost } = await compositionUnderTest();
  const repository = await quietRepository(slipway, (namespace) => ({
    'slipway.yaml': appsYaml(namespace),
    ...app('web', '1'),
  }));
  const commit = await pushAndLook(composition, repository, app('web', '2'));
  const rendered: AbortSignal[] = [];
  let held: Promise<unknown> | undefined;
  const portsOf = (one: Composition): PlanningPorts => {
    const planning = createPlanning(one);
    const steps: PlanningPorts['steps'] = {
      ...planning.steps,
      async renderObjects(target, tree, cluster, signal) {
        rendered.push(signal);
        const ended = new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason)),
        );
        if (held) await Promise.race([held, ended]);
        return planning.steps.renderObjects(target, tree, cluster, signal);
      },
    };
    return { ...planning, steps, permit: createPermits(plenty, plenty(), () => undefined) };
  };
  const hold = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    held = promise;
    return () => {
      held = undefined;
      resolve();
    };
  };
  const ports = portsOf(composition);
  const target = repository.target('web');
  const request = (more: Partial<PlanRequest> = {}) => ports.requests.create({ target, ...more }, 60_000);
  const outcomeOf = async (id: string) => (await ports.requests.read(id))?.outcome;
  return {
    slipway,
    composition,
    repository,
    commit,
    target,
    ports,
    another: portsOf(anotherHost),
    rendered,
    hold,
    request,
    outcomeOf,
  };
}

it('answers with the change set of the commit that the target should run', async () => {
  const { ports, request, outcomeOf, commit, target } = await fixture();
  const id = await request();
  await runRequest(id, ports, neverAborts);

  const outcome = await outcomeOf(id);
  expect(outcome).toMatchObject({ value: { target, commit } });
  expect(JSON.stringify(outcome)).toContain('"action":"created"');
});

it('runs equal requests once, on two machines and under different names of the same content', async () => {
  const { slipway, repository, ports, another, rendered, request, outcomeOf, commit } = await fixture();
  const { sha } = await slipway.forge.commit('github', repository.name, 'feature/docs', {
    files: { 'NOTES.md': 'nothing that web is rendered from' },
  });
  const ids = await Promise.all([request(), request({ ref: 'main' }), request({ ref: 'feature/docs' })]);
  await Promise.all(
    [...ids, ...ids].map((id, at) => runRequest(id, at % 2 === 0 ? ports : another, neverAborts)),
  );

  const outcomes = await Promise.all(ids.map(outcomeOf));
  expect(outcomes.map((outcome) => outcome && 'value' in outcome && outcome.value.commit)).toEqual([
    commit,
    commit,
    sha,
  ]);
  expect(rendered).toHaveLength(1);
});

it('runs once more for a request that comes after the run has begun', async () => {
  const { ports, rendered, request, hold } = await fixture();
  const letGo = hold();
  const first = runRequest(await request(), ports, neverAborts);
  await expect.poll(() => rendered.length).toBe(1);
  const second = runRequest(await request(), ports, neverAborts);
  letGo();
  await Promise.all([first, second]);

  expect(rendered).toHaveLength(2);
});

it('ends the run if nobody waits for it any more', async () => {
  const { ports, rendered, request, hold, outcomeOf } = await fixture();
  hold();
  const id = await request();
  const running = runRequest(id, ports, neverAborts);
  await expect.poll(() => rendered.length).toBe(1);
  await ports.requests.remove(id);
  await running;

  expect(rendered[0]?.aborted).toBe(true);
  expect(await outcomeOf(id)).toBeUndefined();
});

it('does nothing for a request that was cancelled before a worker took it', async () => {
  const { ports, rendered, request } = await fixture();
  const id = await request();
  await ports.requests.remove(id);
  await runRequest(id, ports, neverAborts);

  expect(rendered).toEqual([]);
});

it('leaves the request to another process if this one stops', async () => {
  const { ports, another, rendered, request, hold, outcomeOf } = await fixture();
  const letGo = hold();
  const id = await request();
  const stopping = new AbortController();
  const running = runRequest(id, ports, stopping.signal);
  await expect.poll(() => rendered.length).toBe(1);
  stopping.abort(new SlipwayError('LEASE_LOST', 'the process stops'));
  await expect(running).rejects.toMatchObject({ code: 'LEASE_LOST' });
  expect(await outcomeOf(id)).toBeUndefined();
  letGo();
  await runRequest(id, another, neverAborts);

  expect(await outcomeOf(id)).toMatchObject({ value: {} });
});

it('answers with the error if there is no plan', async () => {
  const { ports, request, outcomeOf } = await fixture();
  const id = await request({ ref: 'nowhere' });
  await runRequest(id, ports, neverAborts);

  expect(await outcomeOf(id)).toMatchObject({
    failure: { code: 'NOT_FOUND', summary: 'the repository has no branch nowhere' },
  });
});

it('is what the plan worker does with the requests of its queue', async () => {
  const { composition, target, ports, commit } = await fixture();
  const worker = startPlanWorker(composition);
  onTestFinished(() => worker.stop(0));
  const plans = createPlans(ports.requests, composition.wakeUps);

  expect(await plans.plan({ target }, neverAborts)).toMatchObject({ target, commit });
});
