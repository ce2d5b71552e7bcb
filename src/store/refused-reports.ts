import type { Cluster, Redis } from 'ioredis';
import { z } from 'zod';
import type { Failure } from '../model/failure.ts';
import type { RepositoryId } from '../model/target.ts';
import type { Refusal, RefusedReports } from '../ports/refused-reports.ts';
import { keyOf, memberOf } from './commit-reports.ts';
import { dueRefusalsScript, probeScript, refuseScript } from './refused-reports-scripts.ts';
import { runScript } from './script.ts';
import { KEEP_SECONDS, type StateKeys } from './state-keys.ts';

/** Repositories that are tried in one go: a forge also counts requests with wrong credentials. */
const MOST_PROBES = 50;

export function createRefusedReports(redis: Redis | Cluster, keys: StateKeys): RefusedReports {
  const touched = (repository: RepositoryId) => [
    keys.unsent,
    keys.refusals,
    keys.refusal(repository),
    keys.refusedReports(repository),
  ];

  async function read(repository: RepositoryId): Promise<Refusal[]> {
    const [[since, failure], reports] = await Promise.all([
      redis.hmget(keys.refusal(repository), 'since', 'failure'),
      redis.zcard(keys.refusedReports(repository)),
    ]);
    if (!since || !failure) return [];
    return [{ repository, since: Number(since) * 1_000, reports, failure: JSON.parse(failure) as Failure }];
  }

  return {
    async refuse(key, changedAt, failure) {
      const args = [memberOf(key), changedAt ?? '', key.repository, JSON.stringify(failure), KEEP_SECONDS];
      return (await runScript(redis, refuseScript, touched(key.repository), args)) === 1;
    },
    async takeProbes(which) {
      const always = which === 'all' ? '1' : '0';
      const asked = runScript(redis, dueRefusalsScript, [keys.refusals], [MOST_PROBES, always]);
      const due = z.array(z.string()).parse(await asked);
      const members = await Promise.all(
        due.map((repository) => runScript(redis, probeScript, touched(repository), [repository, always])),
      );
      return members.flatMap((member) => (typeof member === 'string' ? [keyOf(member)] : []));
    },
    async list() {
      const repositories = await redis.zrange(keys.refusals, 0, '-1');
      return (await Promise.all(repositories.toSorted().map(read))).flat();
    },
  };
}
