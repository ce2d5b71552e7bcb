import { randomBytes } from 'node:crypto';
import type { Cluster, Redis } from 'ioredis';
import { SlipwayError } from '../errors.ts';
import type { ChangeSet } from '../model/change-set.ts';
import { type CommitReportLine, MAX_APP_CONTEXTS } from '../model/commit-report.ts';
import type { Cause, Desired, Release } from '../model/release.ts';
import { isOpen, stageRank } from '../model/release.ts';
import { releaseEvent } from '../model/release-event.ts';
import { parseTargetId, type Target, type TargetId } from '../model/target.ts';
import type { ReleaseStore, TargetRecord } from '../ports/releases.ts';
import { fromBytes, toBytes } from './change-set-bytes.ts';
import { beforeCommit } from './commit-reports.ts';
import { leaseLost } from './lease-lost.ts';
import { nextNumberScript, writeReleaseScript } from './release-scripts.ts';
import { DEFAULT_RETENTION, type Retention } from './retention-script.ts';
import { obstacleOf } from './retries.ts';
import { runScript } from './script.ts';
import { KEEP_SECONDS, LOSSES, ownersIn, type StateKeys } from './state-keys.ts';
import { toJson } from './to-json.ts';

/** Fields of a commit report that are not targets: its branch. */
const FIELDS_BESIDE = 1;

/** States after which an equal content key means that there is nothing to do. */
const well = ['succeeded', 'unchanged'];

/**
 * Random, so that no name of a target leads to another one's release; and numbers start again from what the cluster
 * knows if Redis is emptied, but an id must never name two releases.
 */
function newReleaseId(number: number): string {
  return `${randomBytes(8).toString('hex')}-${number}`;
}

/** What a release means for the commit report as a whole; a stage of one never changes it. */
function effectOf({ state }: Release): 'step' | 'blocked' | 'failed' | 'over' {
  if (isOpen(state)) return 'step';
  if (state === 'blocked') return state;
  return state === 'failed' || state === 'rolled-back' ? 'failed' : 'over';
}

/** The rank of the stage among the stages; empty if the release is in none. */
function rankOf({ state }: Release): number | '' {
  return isOpen(state) && state !== 'queued' ? stageRank(state) : '';
}

/** The target's desired revision has told that it is queued. */
function eventOf(release: Release): string {
  return release.state === 'queued' ? '' : toJson(releaseEvent(release, Date.now()));
}

function lineOf(release: Release): CommitReportLine {
  const { target, state, id, namespace, failure, notices, summary, supersededBy } = release;
  return { target, state, release: id, namespace, failure, notices, summary, supersededBy };
}

function readRecord(id: TargetId, hash: Record<string, string>): TargetRecord | undefined {
  if (!hash.target) return undefined;
  return {
    target: JSON.parse(hash.target) as Target,
    desired: hash.revision ? readDesired(id, hash) : undefined,
    handled: Number(hash.handled ?? 0),
    last: hash.last ? (JSON.parse(hash.last) as Release) : undefined,
    well: hash.well === '1' && (hash[LOSSES] ?? '0') === (hash.lossesSeen ?? '0'),
    losses: Number(hash[LOSSES] ?? 0),
    inForce: hash.inForce,
    tookFrom: ownersIn(hash),
  };
}

function readDesired(id: TargetId, hash: Record<string, string>): Desired {
  return {
    target: id,
    commit: hash.commit ?? '',
    carried: hash.carried ? (JSON.parse(hash.carried) as string[]) : [hash.commit ?? ''],
    since: hash.since || undefined,
    contentKey: hash.key ?? '',
    sequence: Number(hash.sequence ?? 0),
    revision: Number(hash.revision),
    cause: JSON.parse(hash.cause ?? '{"kind":"poll"}') as Cause,
    index: Number(hash.index ?? 0),
    at: Number(hash.at ?? 0),
  };
}

/** Undefined if there is none, or if it is that of another target: an id alone proves nothing. */
function readRelease(
  json: string | null | undefined,
  id: string | undefined,
  target?: TargetId,
): Release | undefined {
  const release = json ? (JSON.parse(json) as Release) : undefined;
  if (release?.id !== id) return undefined;
  return target === undefined || release?.target === target ? release : undefined;
}

export function createReleaseStore(
  redis: Redis | Cluster,
  keys: StateKeys,
  retention: Retention = DEFAULT_RETENTION,
): ReleaseStore {
  const keep = JSON.stringify({ ...retention, release: keys.release(''), changes: keys.changes('') });
  /** The arguments that place a line: what precedes the commit in a report's key and in its member, and the scope. */
  function placeOf(target: TargetId): string[] {
    const names = parseTargetId(target);
    if (!names) throw new SlipwayError('INTERNAL', `not a target: ${target}`);
    return [...beforeCommit(keys, names.repository), names.environment];
  }

  async function write(release: Release, fencingToken: string, changeSet?: ChangeSet, parent?: string) {
    // A blocked release is not over: the end of what it waits for enqueues it.
    const ended = !isOpen(release.state) && release.state !== 'blocked';
    const written = await runScript(
      redis,
      writeReleaseScript,
      [
        keys.lease(release.target),
        keys.target(release.target),
        keys.release(release.id),
        keys.history(release.target),
        keys.unsent,
        keys.listed,
        keys.successors(release.target),
        keys.parent(release.target),
        keys.unwell,
        keys.former,
        keys.events,
        keys.retries,
      ],
      [
        fencingToken,
        toJson(release),
        KEEP_SECONDS,
        release.id,
        keep,
        release.target,
        toJson(lineOf(release)),
        ...placeOf(release.target),
        release.commit,
        release.revision,
        ended ? '1' : '0',
        well.includes(release.state) && !release.held && !release.unfinished ? '1' : '0',
        well.includes(release.state) ? release.commit : '',
        release.forgotten ? '1' : '0',
        parent ?? '',
        effectOf(release),
        MAX_APP_CONTEXTS + FIELDS_BESIDE,
        eventOf(release),
        rankOf(release),
        release.policyKey ?? '',
        release.state,
        changeSet ? await toBytes(changeSet) : '',
        obstacleOf(release),
      ],
    );
    if (!Array.isArray(written)) throw leaseLost(release.target);
    return written.map(String);
  }

  async function find(id: string) {
    const [json, packed] = await Promise.all([
      redis.get(keys.release(id)),
      redis.getBuffer(keys.changes(id)),
    ]);
    const release = readRelease(json, id);
    return release && { ...release, changeSet: await fromBytes(packed) };
  }

  return {
    write,
    find,
    parent: async (id) => (await redis.get(keys.parent(id))) ?? undefined,
    record: async (id) => readRecord(id, await redis.hgetall(keys.target(id))),
    async start(desired, atLeast, fencingToken, losses = 0) {
      const scriptKeys = [keys.lease(desired.target), keys.target(desired.target)];
      const started = await runScript(redis, nextNumberScript, scriptKeys, [fencingToken, atLeast, losses]);
      if (!Array.isArray(started)) throw leaseLost(desired.target);
      const [number = 0, queued = 0] = started.map(Number);
      const { target, commit, contentKey, revision, cause } = desired;
      return {
        id: newReleaseId(number),
        target,
        number,
        commit,
        contentKey,
        revision,
        cause,
        state: 'rendering',
        times: { queued },
        startedAt: Date.now(),
        attempts: 1,
      };
    },
    async history(target, limit) {
      const ids = await redis.lrange(keys.history(target), 0, limit - 1);
      if (ids.length === 0) return [];
      const found = await redis.mget(ids.map((id) => keys.release(id)));
      return found.flatMap((json, at) => readRelease(json, ids[at], target) ?? []);
    },
    async previous({ id, target }) {
      const ids = await redis.lrange(keys.history(target), 0, -1);
      const before = ids.includes(id) ? ids[ids.indexOf(id) + 1] : undefined;
      return before ? readRelease(await redis.get(keys.release(before)), before, target) : undefined;
    },
  };
}
