import type { Composition } from '../../src/composition/composition.ts';
import { createPermits } from '../../src/composition/plan-permits.ts';
import { createPlanning } from '../../src/composition/planning.ts';
import { unwrap } from '../../src/planning/outcome.ts';
import { runRequest } from '../../src/planning/run-request.ts';
import type { Plan, PlanRequest } from '../../src/ports/planning.ts';

/** A plan as the plan worker makes it, in this process and without its queue. Throws the error that the requester would get. */
export async function planNow(
  composition: Composition,
  request: PlanRequest,
  signal: AbortSignal,
): Promise<Plan> {
  const permit = createPermits(
    () => 1,
    1,
    () => undefined,
  );
  const ports = { ...createPlanning(composition), permit };
  const id = await ports.requests.create(request, 60_000);
  await runRequest(id, ports, signal);
  const { outcome } = (await ports.requests.read(id)) ?? {};
  if (!outcome) throw new Error(`the plan of ${request.target} has no outcome`);
  return unwrap(outcome);
}
