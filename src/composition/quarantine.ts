import { type RepositoryId, repositoryOf } from '../model/target.ts';
import type { Quarantine } from '../ports/quarantine.ts';
import type { Queries } from '../ports/queries.ts';
import type { RepositoryStore } from '../ports/repositories.ts';
import type { WakeUps } from '../ports/wake-ups.ts';
import type { Suspects } from '../queue/suspects.ts';
import { reached } from '../store/reach.ts';

interface QuarantineStores {
  suspects: Suspects;
  queries: Pick<Queries, 'requestDeploy'>;
  repositories: Pick<RepositoryStore, 'requestLook'>;
  wakeUps: Pick<WakeUps, 'enqueueIntake'>;
}

/** The quarantine of an operator, over the stores in Redis. */
export function createQuarantine({ suspects, queries, repositories, wakeUps }: QuarantineStores): Quarantine {
  return {
    async list() {
      const quarantined = (await reached(suspects.all())).filter((suspect) => suspect.quarantined);
      const jobs = quarantined.map(({ queue, name, deaths, at }) => {
        return { queue, name, repository: repositoryIn(queue, name), deaths, since: at };
      });
      return jobs.toSorted((a, b) => a.since - b.since);
    },
    async retry({ queue, name }, by) {
      await reached(suspects.forget(queue, name));
      if (queue === 'deploy') await queries.requestDeploy(name, by);
      if (queue === 'intake') {
        await repositories.requestLook([name]);
        await wakeUps.enqueueIntake([name]);
      }
      // The sweep enqueues reports that were not sent. Who requested a plan was told that it failed.
    },
  };
}

/** As `queue/wake-ups.ts` names the jobs; the name of a plan says nothing. */
function repositoryIn(queue: string, name: string): RepositoryId | undefined {
  if (queue === 'deploy') return repositoryOf(name);
  if (queue === 'intake') return name;
  return queue === 'notify' ? name.split(' ')[0] : undefined;
}
