import { closest, distance } from 'fastest-levenshtein';
import type { Cluster, Redis } from 'ioredis';
import { SlipwayError } from '../errors.ts';
import type { Desired, Release } from '../model/release.ts';
import { parseTargetId, shortName, type TargetId } from '../model/target.ts';
import type { CommitReportStore } from '../ports/commit-reports.ts';
import type { DesiredStore } from '../ports/desired.ts';
import type { Queries, TargetStatus } from '../ports/queries.ts';
import type { ReleaseStore, TargetRecord } from '../ports/releases.ts';
import type { WakeUps } from '../ports/wake-ups.ts';
import { now } from './commit-reports.ts';
import { reached } from './reach.ts';
import { KEEP_SECONDS, type StateKeys } from './state-keys.ts';

export interface QueryPorts {
  redis: Redis | Cluster;
  keys: StateKeys;
  releases: ReleaseStore;
  desired: DesiredStore;
  reports: CommitReportStore;
  wakeUps: Pick<WakeUps, 'enqueueDeploys'>;
}

/** Targets read at the same time for one list. */
const READ_AT_ONCE = 100;

/** Ids named in the error if a short name matches several. */
const MAX_NAMED = 5;

export function createQueries(ports: QueryPorts): Queries {
  const { redis, keys, releases, reports } = ports;

  async function ids(): Promise<TargetId[]> {
    return (await redis.smembers(keys.targets)).sort();
  }

  async function formerIds(): Promise<TargetId[]> {
    return redis.zrange(keys.former, now() - KEEP_SECONDS * 1_000, '+inf', 'BYSCORE');
  }

  const queries: Queries = {
    async targets() {
      const all = await ids();
      const found: TargetStatus[] = [];
      for (let at = 0; at < all.length; at += READ_AT_ONCE) {
        const some = all.slice(at, at + READ_AT_ONCE);
        const records = await Promise.all(some.map((id) => releases.record(id)));
        for (const record of records) if (record) found.push(statusOf(record));
      }
      return found;
    },
    history: (target, limit) => releases.history(target, limit),
    release: (id) => releases.find(id),
    async siblings(release) {
      const own = parseTargetId(release.target);
      if (!own) return [];
      const key = { repository: own.repository, commit: release.commit, scope: own.environment };
      const { lines } = await reports.read(key);
      const others = lines.flatMap((line) =>
        line.release && line.release !== release.id ? [line.release] : [],
      );
      const found = await Promise.all(others.map((id) => releases.find(id)));
      return found.flatMap((one): Release[] => (one ? [one] : []));
    },
    async resolve(name) {
      // A target that no longer exists is not listed; its history is still found.
      if (parseTargetId(name) && (await releases.record(name))) return name;
      const listed = await ids();
      const former = matching(name, listed).length === 0 ? await formerIds() : [];
      return resolveName(name, matching(name, former).length > 0 ? former : listed);
    },
    async requestDeploy(target, by, confirmPrune) {
      const record = await releases.record(target);
      const repository = parseTargetId(target)?.repository;
      if (!record?.desired || record.last?.forgotten || repository === undefined) throw notFound(target, []);
      if (confirmPrune) refuseUnseen(record, record.desired);
      const revision = await ports.desired.repeat(target, { kind: 'manual', by, confirmPrune });
      if (revision === undefined) throw notFound(target, []);
      await ports.wakeUps.enqueueDeploys([{ target, index: 0 }]);
      return { target, repository, commit: record.desired.commit, revision };
    },
  };
  return {
    targets: () => reached(queries.targets()),
    history: (target, limit) => reached(queries.history(target, limit)),
    release: (id) => reached(queries.release(id)),
    siblings: (release) => reached(queries.siblings(release)),
    resolve: (name) => reached(queries.resolve(name)),
    requestDeploy: (target, by, confirm) => reached(queries.requestDeploy(target, by, confirm)),
  };
}

/** A person confirms only what they have seen: a release in progress may delete more. */
function refuseUnseen({ target, last, handled }: TargetRecord, { revision }: Desired): void {
  const name = shortName(target);
  if (revision > handled) {
    throw new SlipwayError(
      'USAGE',
      `a release of ${name} is in progress: which objects it would delete is not known yet`,
      {
        hint: `Wait until the release has ended, see slipway history ${name}, and confirm then.`,
      },
    );
  }
  if (last?.held) return;
  throw new SlipwayError('USAGE', `no prune of ${name} is held, so there is nothing to confirm`, {
    hint: `Run slipway deploy ${name} without the confirmation to see what would be deleted.`,
  });
}

function statusOf({ target, desired, last, inForce }: TargetRecord): TargetStatus {
  const { id, repository, app, environment, branch, cluster, namespace } = target;
  return {
    id,
    repository,
    app,
    environment,
    branch,
    cluster,
    namespace,
    desired: desired && { commit: desired.commit, cause: desired.cause, at: desired.at },
    release: last,
    inForce,
  };
}

/** The ids that a full identity or a short name matches. */
function matching(name: string, ids: TargetId[]): TargetId[] {
  if (ids.includes(name)) return [name];
  return ids.filter((id) => {
    const parts = parseTargetId(id);
    return parts !== undefined && shortName(parts) === name;
  });
}

function resolveName(name: string, ids: TargetId[]): TargetId {
  const all = matching(name, ids);
  const [only] = all;
  if (all.length > 1) {
    const named = all.slice(0, MAX_NAMED).join(', ');
    throw new SlipwayError('AMBIGUOUS', `${name} is the short name of ${all.length} targets: ${named}`);
  }
  if (only === undefined) throw notFound(name, ids);
  return only;
}

function notFound(name: string, ids: TargetId[]): SlipwayError {
  const names = ids.flatMap((id) => {
    const parts = parseTargetId(id);
    return parts ? [shortName(parts)] : [];
  });
  const near = names.length > 0 ? closest(name, names) : undefined;
  const isNear = near !== undefined && distance(name, near) <= Math.max(1, Math.floor(name.length / 3));
  const hint = isNear ? `Did you mean ${near}? See slipway status.` : 'See slipway status.';
  return new SlipwayError('NOT_FOUND', `no target ${name}`, { hint });
}
