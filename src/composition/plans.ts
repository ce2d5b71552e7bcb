import { SlipwayError } from '../errors.ts';
import { newTargetNamed } from '../intake/new-target.ts';
import { targetAt } from '../intake/target-at.ts';
import type { TargetId } from '../model/target.ts';
import type { Plans } from '../ports/plans.ts';
import { plan } from '../release/plan.ts';
import type { Composition } from './composition.ts';

type PlanPorts = Pick<
  Composition,
  | 'releases'
  | 'successors'
  | 'mirrors'
  | 'configs'
  | 'repositories'
  | 'deliveries'
  | 'queries'
  | 'admission'
  | 'policy'
  | 'clusters'
  | 'renderer'
>;

/** Plans for the API: the target as it is at the ref, then the release's own steps as a dry run. */
export function createPlans(composition: PlanPorts): Plans {
  return {
    async plan(name, ref, signal) {
      const id = await targetNamed(name, ref, composition);
      const wanted = ref ?? (await composition.releases.record(id))?.desired?.commit;
      if (wanted === undefined) throw unborn(`nothing is desired yet for ${id}`);
      const { target, commit } = await targetAt(id, wanted, composition, signal);
      return { target: id, commit, changeSet: await plan(target, commit, composition, signal) };
    },
  };
}

/** An app that is new on a branch has no target yet. */
async function targetNamed(name: string, ref: string | undefined, composition: PlanPorts): Promise<TargetId> {
  try {
    return await composition.queries.resolve(name);
  } catch (error) {
    if (!(error instanceof SlipwayError) || error.code !== 'NOT_FOUND') throw error;
    if (ref === undefined) throw unborn(error.message, error.hint);
    const found = await newTargetNamed(name, composition);
    if (found === undefined) throw error;
    return found;
  }
}

function unborn(message: string, hint?: string): SlipwayError {
  const branch = 'For an app that was never deployed name its branch: --ref <branch>.';
  return new SlipwayError('NOT_FOUND', message, { hint: hint ? `${hint} ${branch}` : branch });
}
