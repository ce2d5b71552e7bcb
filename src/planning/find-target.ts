import { SlipwayError } from '../errors.ts';
import type { Target, TargetId } from '../model/target.ts';
import type { PlanRequest } from '../ports/planning.ts';
import type { TargetLookup } from './ports.ts';

/** The target and the commit that a request means. Throws NOT_FOUND, AMBIGUOUS, and what reading slipway.yaml throws. */
export async function findTarget(
  { target: name, ref }: PlanRequest,
  lookup: TargetLookup,
  signal: AbortSignal,
): Promise<{ target: Target; commit: string }> {
  const id = await identityOf(name, ref, lookup);
  const wanted = ref ?? (await lookup.desiredCommit(id));
  if (wanted === undefined) throw neverDeployed(`no commit of ${id} is to be deployed yet`);
  return lookup.at(id, wanted, signal);
}

/** An app that is new on a branch is no target yet. */
async function identityOf(name: string, ref: string | undefined, lookup: TargetLookup): Promise<TargetId> {
  try {
    return await lookup.resolve(name);
  } catch (error) {
    if (!(error instanceof SlipwayError) || error.code !== 'NOT_FOUND') throw error;
    if (ref === undefined) throw neverDeployed(error.message, error.hint);
    const found = await lookup.resolveNew(name);
    if (found === undefined) throw error;
    return found;
  }
}

function neverDeployed(message: string, hint?: string): SlipwayError {
  const branch = 'For an app that was never deployed name its branch: --ref <branch>.';
  return new SlipwayError('NOT_FOUND', message, { hint: hint ? `${hint} ${branch}` : branch });
}
