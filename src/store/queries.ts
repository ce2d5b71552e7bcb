import { closest, distance } from 'fastest-levenshtein';
import type { Cluster, Redis } from 'ioredis';
import { SlipwayError } from '../errors.ts';
import type { Desired, Release, ReleaseState } from '../model/release.ts';
import { parseTargetId, repositoryOf, shortName, type TargetId } from '../model/target.ts';
import type { CommitReportStore } from '../ports/commit-reports.ts';
import type { DesiredStore } from '../ports/desired.ts';
import type { Queries, TargetStatus } from '../ports/queries.ts';
import type { ReleaseStore, TargetRecord } from '../ports/releases.ts';
import type { WakeUps } from '../ports/wake-ups.ts';
import { reached } from './reach.ts';
import type { StateKeys } from './state-keys.ts';
import { createTargetLists } from './target-lists.ts';

export interface QueryPorts {
  redis: Redis | Cluster;
  keys: StateKeys;
  releases: ReleaseStore;
  desired: DesiredStore;
  reports: CommitReportStore;
  wakeUps: Pick<WakeUps, 'enqueueDeploys'>;
}

/** Ids named in the error if a short name matches several. */
const MAX_NAMED = 5;

export function createQueries(ports: QueryPorts): Queries {
  const { redis, keys, releases, reports } = ports;

  const lists = createTargetLists(redis, keys);

  const queries: Queries = {
    async targets(filter, limit, after) {
      const { ids, next } = await lists.page(filter, limit, after);
      const records = await Promise.all(ids.map((id) => releases.record(id)));
      return { targets: records.flatMap((record) => (record ? [statusOf(record)] : [])), next };
    },
    history: (target, limit) => releases.history(target, limit),
    release: (id) => releases.find(id),
    previous: (release) => releases.previous(release),
    async siblings(release) {
      const own = parseTargetId(release.target);
      if (!own) return [];
      const key = { repository: own.repository, commit: release.commit, scope: own.environment };
      const { lines } = await reports.read(key);
      return lines.flatMap(({ target, release: id, state }) =>
        target && id && id !== release.id ? [{ target, release: id, state }] : [],
      );
    },
    async resolve(name, scope) {
      const isInScope = (id: TargetId) => scope?.includes(repositoryOf(id)) ?? true;
      // A target that no longer exists is not listed; its history is still found.
      if (parseTargetId(name) && isInScope(name) && (await releases.record(name))) return name;
      const named = (await lists.named(name)).filter(({ id }) => isInScope(id));
      const listed = named.filter(({ isListed }) => isListed);
      const [only, ...others] = listed.length > 0 ? listed : named;
      const isKept = only && (only.isListed || (await releases.record(only.id)));
      if (!isKept) throw notFound(name, (await lists.similar(shortNameIn(name))).filter(isInScope));
      if (others.length > 0) throw ambiguous(name, [only, ...others]);
      return only.id;
    },
    async requestDeploy(target, by, confirmPrune) {
      const record = await releases.record(target);
      const repository = parseTargetId(target)?.repository;
      if (!record?.desired || record.last?.forgotten || repository === undefined) throw notFound(target, []);
      if (confirmPrune) refuseUnseen(record, record.desired);
      const revision = await ports.desired.repeat(target, { kind: 'manual', by, confirmPrune });
      if (revision === undefined) throw notFound(target, []);
      await ports.wakeUps.enqueueDeploys([{ target, cluster: record.target.cluster, index: 0 }]);
      return { target, repository, commit: record.desired.commit, revision };
    },
  };
  return {
    targets: (filter, limit, after) => reached(queries.targets(filter, limit, after)),
    history: (target, limit) => reached(queries.history(target, limit)),
    release: (id) => reached(queries.release(id)),
    previous: (release) => reached(queries.previous(release)),
    siblings: (release) => reached(queries.siblings(release)),
    resolve: (name, scope) => reached(queries.resolve(name, scope)),
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
    state: stateOf(last, desired),
    desired: desired && { commit: desired.commit, cause: desired.cause, at: desired.at },
    release: last,
    inForce,
  };
}

/** As the scripts list it: a release of an earlier desired revision does not count. */
function stateOf(last: Release | undefined, desired: Desired | undefined): ReleaseState {
  return last && last.revision === desired?.revision ? last.state : 'queued';
}

/** The short name of an identity, or what was given instead of one. */
function shortNameIn(name: string): string {
  const parts = parseTargetId(name);
  return parts ? shortName(parts) : name;
}

function ambiguous(name: string, matching: { id: TargetId }[]): SlipwayError {
  const named = matching.slice(0, MAX_NAMED).map(({ id }) => id);
  return new SlipwayError(
    'AMBIGUOUS',
    `${name} is the short name of ${matching.length} targets: ${named.join(', ')}`,
  );
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
