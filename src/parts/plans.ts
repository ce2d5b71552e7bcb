import { SlipwayError } from '../errors.ts';
import { targetAt } from '../intake/target-at.ts';
import type { Plans } from '../ports/plans.ts';
import { plan } from '../release/plan.ts';
import type { Parts } from './parts.ts';

type PlanParts = Pick<
  Parts,
  'releases' | 'heirs' | 'mirrors' | 'configs' | 'repositories' | 'guards' | 'clusters' | 'renderer'
>;

/** Plans for the API: the target as it is at the ref, then the release's own steps as a dry run. */
export function createPlans(parts: PlanParts): Plans {
  return {
    async plan(id, ref, signal) {
      const desired = (await parts.releases.record(id))?.desired?.commit;
      const wanted = ref ?? desired;
      if (wanted === undefined) throw new SlipwayError('NOT_FOUND', `nothing is desired yet for ${id}`);
      const { target, commit } = await targetAt(id, wanted, parts, signal);
      return { target: id, commit, changeSet: await plan(target, commit, parts, signal) };
    },
  };
}
