import { createHash } from 'node:crypto';
import { SlipwayError, toSlipwayError } from '../errors.ts';
import type { Target } from '../model/target.ts';
import type { Admitted } from '../ports/admission.ts';
import type { Permit } from '../ports/limiter.ts';
import type { Plan, PlanOutcome, RecordedPlan } from '../ports/planning.ts';
import { dryRun } from './dry-run.ts';
import { findTarget } from './find-target.ts';
import { failedOutcome } from './outcome.ts';
import type { PlanningPorts } from './ports.ts';
import { shareRun } from './share-run.ts';

/** Milliseconds after which a run notices that nobody waits for it any more. */
const LOOK_MS = 500;

/** The longest a change set may be reused, as long as outcomes are kept. */
const LONGEST_AGE_MS = 60_000;

/**
 * Runs one request and records its outcome, a plan or an error. Ends early if nobody waits any more. Throws only if `signal` aborts
 * or Redis is away: then the queue runs the request again, here or in another process.
 */
export async function runRequest(id: string, ports: PlanningPorts, signal: AbortSignal): Promise<void> {
  const recorded = await ports.requests.read(id);
  if (!recorded || recorded.outcome) return;
  const wanted = whileWanted(id, ports, signal);
  try {
    const outcome = await outcomeOf(recorded, ports, wanted.signal);
    signal.throwIfAborted();
    if (wanted.signal.aborted) ports.log.info({ plan: id }, 'plan ended: nobody waits for it');
    else await ports.requests.end(id, outcome);
  } finally {
    wanted.stop();
  }
}

/** Ends a request with this error, unless it has ended or nobody waits for it any more. */
export async function giveUpRequest(
  id: string,
  error: SlipwayError,
  { requests }: Pick<PlanningPorts, 'requests'>,
): Promise<void> {
  const recorded = await requests.read(id);
  if (recorded && !recorded.outcome) await requests.end(id, failedOutcome(error));
}

async function outcomeOf(
  recorded: RecordedPlan,
  ports: PlanningPorts,
  signal: AbortSignal,
): Promise<PlanOutcome> {
  try {
    return { value: await planOf(recorded, ports, signal) };
  } catch (thrown) {
    const error = toSlipwayError(thrown);
    if (error.code === 'INTERNAL') ports.log.error({ plan: recorded.id, err: thrown }, 'plan failed');
    return failedOutcome(error);
  }
}

async function planOf(
  { id, request, requestedAt }: RecordedPlan,
  ports: PlanningPorts,
  signal: AbortSignal,
): Promise<Plan> {
  await ports.requests.progress(id, 'resolving');
  const { target, commit } = await findTarget(request, ports.targets, signal);
  const admitted = ports.admission.admit(target);
  const cluster = ports.clusters.get(target.cluster);
  const tree = ports.mirrors.open(target.repository).tree(commit);
  const contentKey = await ports.renderer.contentKey(target, tree, () => cluster.version(signal));
  await ports.requests.progress(id, 'waiting');
  const shared = {
    key: runKey(target, [contentKey, ports.policy.keyOf(target)], admitted),
    since: requestedAt - Math.min(request.maxAgeMs ?? 0, LONGEST_AGE_MS),
    permit: (aborted: AbortSignal) => ports.permit(target, aborted),
    async run(permit: Permit, aborted: AbortSignal) {
      await ports.requests.progress(id, 'planning');
      return dryRun({ target, commit, admitted, permit }, ports, aborted);
    },
  };
  return { target: target.id, commit, changeSet: await shareRun(shared, ports.runs, signal) };
}

/** Everything that decides a change set but for the cluster: what is rendered, the target, the operator's rules. */
function runKey(target: Target, keys: string[], admitted: Admitted): string {
  return createHash('sha256')
    .update(JSON.stringify([target, keys, admitted]))
    .digest('hex');
}

/** A signal that aborts with `signal`, or when the request is no longer in Redis. */
function whileWanted(
  id: string,
  { requests }: Pick<PlanningPorts, 'requests'>,
  signal: AbortSignal,
): { signal: AbortSignal; stop(): void } {
  const unwanted = new AbortController();
  const look = async () => {
    if (!(await requests.read(id)))
      unwanted.abort(new SlipwayError('PLAN_CANCELLED', 'nobody waits for the plan any more'));
  };
  // While Redis is away nobody can cancel anything either.
  const timer = setInterval(() => void look().catch(() => {}), LOOK_MS);
  return { signal: AbortSignal.any([signal, unwanted.signal]), stop: () => clearInterval(timer) };
}
