import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Cluster, Redis } from 'ioredis';
import { SlipwayError } from '../errors.ts';
import { type AnswerKey, type AnswerLine, MAX_APP_CONTEXTS } from '../model/answer.ts';
import type { ChangeSet } from '../model/change-set.ts';
import type { Cause, Desired, Release } from '../model/release.ts';
import { isOpen } from '../model/release.ts';
import { parseTargetId, type Target, type TargetId } from '../model/target.ts';
import type { ReleaseStore, TargetRecord } from '../ports/releases.ts';
import { memberOf, now } from './answers.ts';
import { runScript, script } from './script.ts';
import { KEEP_RELEASES, KEEP_SECONDS, ownersIn, type StateKeys } from './state-keys.ts';

const pack = promisify(gzip);
const unpack = promisify(gunzip);

/** Shorter change sets are kept as they are: starting a compression costs more than it saves. */
const PACK_FROM = 8 * 1024;

/** Gzip's first byte (RFC 1952); JSON begins with a brace. */
const GZIP = 0x1f;

async function toBytes(changeSet: ChangeSet): Promise<Buffer | string> {
  const text = JSON.stringify(changeSet);
  return text.length < PACK_FROM ? text : pack(text);
}

async function fromBytes(bytes: Buffer | null): Promise<ChangeSet> {
  if (!bytes) return { changes: [] };
  return JSON.parse((bytes[0] === GZIP ? await unpack(bytes) : bytes).toString());
}

const nextNumber = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local number = math.max(tonumber(redis.call('HGET', KEYS[2], 'number') or '0'), tonumber(ARGV[2])) + 1
redis.call('HSET', KEYS[2], 'number', number, 'well', '0')
return number
`);

const writeLine = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
redis.call('EXPIRE', KEYS[2], ARGV[4])
redis.call('ZADD', KEYS[3], ARGV[5], ARGV[6])
if redis.call('SADD', KEYS[4], ARGV[2]) == 1 then redis.call('EXPIRE', KEYS[4], ARGV[4]) end
return 1
`);

/**
 * The release, its line of the answer and the target's state move together, and only for the run that has the turn.
 * A target of which nothing is left goes from the list of targets; its history stays as long as that of all.
 * Answers 2 where what the forge hears of the whole answer is another thing now, 1 where it is the same as before:
 * of many targets it hears that they are on their way, each failure, and the end of the last one.
 */
const writeRelease = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[2], 'last', ARGV[2])
redis.call('SET', KEYS[3], ARGV[2], 'EX', ARGV[3])
if redis.call('LINDEX', KEYS[4], 0) ~= ARGV[4] then
  redis.call('LPUSH', KEYS[4], ARGV[4])
  redis.call('LTRIM', KEYS[4], 0, ARGV[5] - 1)
  redis.call('EXPIRE', KEYS[4], ARGV[3])
end
redis.call('HSET', KEYS[5], ARGV[6], ARGV[7])
redis.call('EXPIRE', KEYS[5], ARGV[3])
redis.call('ZADD', KEYS[6], ARGV[8], ARGV[9])
if ARGV[15] ~= 'open' then
  redis.call('SREM', KEYS[12], ARGV[6])
elseif redis.call('SADD', KEYS[12], ARGV[6]) == 1 then
  redis.call('EXPIRE', KEYS[12], ARGV[3])
end
if ARGV[14] ~= '' then redis.call('SET', KEYS[9], ARGV[14], 'EX', ARGV[3]) end
if ARGV[10] ~= '' then
  redis.call('HSET', KEYS[2], 'handled', ARGV[10], 'well', ARGV[11])
  if ARGV[12] ~= '' then redis.call('HSET', KEYS[2], 'inForce', ARGV[12]) end
  local newest = redis.call('HGET', KEYS[2], 'revision') == ARGV[10]
  if newest and (ARGV[11] == '1' or ARGV[13] == '1') then redis.call('SREM', KEYS[10], ARGV[6]) end
  if newest and ARGV[13] == '1' then
    redis.call('SREM', KEYS[7], ARGV[6])
    redis.call('EXPIRE', KEYS[2], ARGV[3])
    redis.call('DEL', KEYS[8], KEYS[9])
    redis.call('ZADD', KEYS[11], ARGV[8], ARGV[6])
    redis.call('ZREMRANGEBYSCORE', KEYS[11], '-inf', ARGV[8] - ARGV[3] * 1000)
  end
end
if ARGV[15] == 'failed' or redis.call('HLEN', KEYS[5]) <= tonumber(ARGV[16]) then return 2 end
return redis.call('SCARD', KEYS[12]) == 0 and 2 or 1
`);

/** Fields of an answer that are no target: its branch. */
const FIELDS_BESIDE = 1;

/** States after which an equal content key means: nothing to do. */
const well = ['succeeded', 'unchanged'];

export function releaseId(target: TargetId, number: number): string {
  return `${createHash('sha256').update(target).digest('hex').slice(0, 8)}-${number}`;
}

/** What a release means for the answer as a whole. */
function wordOf({ state }: Release): 'open' | 'failed' | 'other' {
  if (isOpen(state) || state === 'blocked') return 'open';
  return state === 'failed' || state === 'rolled-back' ? 'failed' : 'other';
}

function lineOf(release: Release): AnswerLine {
  const { target, state, id, reason, summary, supersededBy } = release;
  return { target, state, release: id, reason, summary, supersededBy };
}

function readRecord(id: TargetId, hash: Record<string, string>): TargetRecord | undefined {
  if (!hash.target) return undefined;
  return {
    target: JSON.parse(hash.target) as Target,
    desired: hash.revision ? readDesired(id, hash) : undefined,
    handled: Number(hash.handled ?? 0),
    last: hash.last ? (JSON.parse(hash.last) as Release) : undefined,
    well: hash.well === '1',
    inForce: hash.inForce,
    tookFrom: ownersIn(hash),
  };
}

function readDesired(id: TargetId, hash: Record<string, string>): Desired {
  return {
    target: id,
    commit: hash.commit ?? '',
    since: hash.since || undefined,
    contentKey: hash.key ?? '',
    sequence: Number(hash.sequence ?? 0),
    revision: Number(hash.revision),
    cause: JSON.parse(hash.cause ?? '{"kind":"poll"}') as Cause,
    index: Number(hash.index ?? 0),
    at: Number(hash.at ?? 0),
  };
}

function turnLost(target: TargetId): SlipwayError {
  return new SlipwayError('TURN_LOST', `another run has taken over ${target}`);
}

function answerKey(target: TargetId, commit: string): AnswerKey {
  const parts = parseTargetId(target);
  if (!parts) throw new SlipwayError('INTERNAL', `not a target: ${target}`);
  return { repository: parts.repository, commit, scope: parts.environment };
}

export function createReleaseStore(redis: Redis | Cluster, keys: StateKeys): ReleaseStore {
  async function write(release: Release, runId: string, changeSet?: ChangeSet, parent?: string) {
    const key = answerKey(release.target, release.commit);
    const bytes = changeSet && (await toBytes(changeSet));
    // Sent in the same breath, and done before the script: who sees the end of the release sees its changes.
    const kept = bytes && redis.set(keys.changes(release.id), bytes, 'EX', KEEP_SECONDS);
    // A blocked release is not over: the end of what it waits for rings its bell.
    const ended = !isOpen(release.state) && release.state !== 'blocked';
    const writing = runScript(
      redis,
      writeRelease,
      [
        keys.fence(release.target),
        keys.target(release.target),
        keys.release(release.id),
        keys.history(release.target),
        keys.answer(key),
        keys.unsent,
        keys.targets,
        keys.heirs(release.target),
        keys.parent(release.target),
        keys.unwell,
        keys.former,
        keys.open(key),
      ],
      [
        runId,
        JSON.stringify(release),
        KEEP_SECONDS,
        release.id,
        KEEP_RELEASES,
        release.target,
        JSON.stringify(lineOf(release)),
        now(),
        memberOf(key),
        ended ? release.revision : '',
        well.includes(release.state) && !release.held && !release.unfinished ? '1' : '0',
        well.includes(release.state) ? release.commit : '',
        release.forgotten ? '1' : '0',
        parent ?? '',
        wordOf(release),
        MAX_APP_CONTEXTS + FIELDS_BESIDE,
      ],
    );
    const [written] = await Promise.all([writing, kept]);
    if (written !== 1 && written !== 2) throw turnLost(release.target);
    return written === 2;
  }

  async function hold({ target, commit }: Desired, reason: string, runId: string) {
    const key = answerKey(target, commit);
    const line: AnswerLine = { target, state: 'queued', reason };
    const written = await runScript(
      redis,
      writeLine,
      [keys.fence(target), keys.answer(key), keys.unsent, keys.open(key)],
      [runId, target, JSON.stringify(line), KEEP_SECONDS, now(), memberOf(key)],
    );
    if (written !== 1) throw turnLost(target);
  }

  async function find(id: string) {
    const [json, packed] = await Promise.all([
      redis.get(keys.release(id)),
      redis.getBuffer(keys.changes(id)),
    ]);
    if (!json) return undefined;
    return { ...(JSON.parse(json) as Release), changeSet: await fromBytes(packed) };
  }

  return {
    write,
    hold,
    find,
    parent: async (id) => (await redis.get(keys.parent(id))) ?? undefined,
    record: async (id) => readRecord(id, await redis.hgetall(keys.target(id))),
    async start(desired, atLeast, runId) {
      const scriptKeys = [keys.fence(desired.target), keys.target(desired.target)];
      const number = Number(await runScript(redis, nextNumber, scriptKeys, [runId, atLeast]));
      if (number === 0) throw turnLost(desired.target);
      const { target, commit, contentKey, revision, cause, at } = desired;
      const startedAt = Date.now();
      return {
        id: releaseId(target, number),
        target,
        number,
        commit,
        contentKey,
        revision,
        cause,
        state: 'rendering',
        times: { queued: Math.max(0, startedAt - at) },
        startedAt,
        attempts: 1,
      };
    },
    async history(target, limit) {
      const ids = await redis.lrange(keys.history(target), 0, limit - 1);
      if (ids.length === 0) return [];
      const found = await redis.mget(ids.map((id) => keys.release(id)));
      return found.flatMap((json) => (json ? [JSON.parse(json) as Release] : []));
    },
  };
}
