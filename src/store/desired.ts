import type { Cluster, Redis } from 'ioredis';
import { type RepositoryId, type TargetId, targetId } from '../model/target.ts';
import type { DesiredStore, Found, Moved } from '../ports/desired.ts';
import { runScript, script } from './script.ts';
import type { StateKeys } from './state-keys.ts';

/**
 * Design, section 2, point 2: an intake that stalled and comes back with an old head finds a higher mark and
 * changes nothing. A target moves only when its content key does, or when its last release did not end well.
 */
const setDesired = script(`
local mark = tonumber(redis.call('HGET', KEYS[1], 'mark') or '0')
local sequence = tonumber(ARGV[1])
if sequence < mark then return -1 end
redis.call('HSET', KEYS[1], 'mark', sequence)
local moved = {}
for i = 3, #KEYS do
  local at = 4 + (i - 3) * 6
  local id, json, commit, key, cause, index = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4], ARGV[at + 5]
  local old = redis.call('HMGET', KEYS[i], 'revision', 'key', 'handled', 'well', 'commit')
  local revision = tonumber(old[1] or '0')
  local waiting = revision > tonumber(old[3] or '0')
  redis.call('HSET', KEYS[i], 'target', json)
  redis.call('SADD', KEYS[2], id)
  if revision == 0 or old[2] ~= key or (not waiting and old[4] ~= '1') then
    redis.call('HSET', KEYS[i], 'revision', revision + 1, 'key', key, 'commit', commit, 'cause', cause,
      'index', index, 'sequence', sequence, 'at', ARGV[2])
    redis.call('PUBLISH', ARGV[3], id)
    moved[#moved + 1] = id
    moved[#moved + 1] = index
    moved[#moved + 1] = (waiting and old[5] ~= commit) and old[5] or ''
  end
end
return moved
`);

/** Redis unpacks the keys of one call on its Lua stack; this many stay far below its limit. */
const TARGETS_PER_CALL = 500;

const repeatDesired = script(`
local revision = redis.call('HGET', KEYS[1], 'revision')
if not revision then return 0 end
redis.call('HSET', KEYS[1], 'revision', tonumber(revision) + 1, 'cause', ARGV[1], 'at', ARGV[2], 'index', 0, 'well', '0')
redis.call('PUBLISH', ARGV[3], ARGV[4])
return 1
`);

export function createDesiredStore(redis: Redis | Cluster, keys: StateKeys): DesiredStore {
  async function writeSome(repository: RepositoryId, sequence: number, found: Found[]) {
    const answer = await runScript(
      redis,
      setDesired,
      [keys.repository(repository), keys.targets, ...found.map(({ target }) => keys.target(target.id))],
      [
        sequence,
        Date.now(),
        keys.desiredChannel,
        ...found.flatMap(({ target, commit, contentKey, cause, index }) => [
          target.id,
          JSON.stringify(target),
          commit,
          contentKey,
          JSON.stringify(cause),
          index,
        ]),
      ],
    );
    if (!Array.isArray(answer)) return undefined;
    const moved: Moved[] = [];
    for (let i = 0; i < answer.length; i += 3) {
      const skipped = String(answer[i + 2]);
      moved.push({
        target: String(answer[i]),
        index: Number(answer[i + 1]),
        skipped: skipped === '' ? undefined : skipped,
      });
    }
    return moved;
  }

  async function writeDependents(found: Found[]): Promise<void> {
    const batch = redis.pipeline();
    for (const { target } of found) {
      for (const app of target.dependsOn) {
        batch.sadd(keys.dependents(targetId({ ...target, app })), target.id);
      }
    }
    if (batch.length > 0) await batch.exec();
  }

  return {
    dependents: (target) => redis.smembers(keys.dependents(target)),
    async unhandled() {
      const left: { target: TargetId; index: number }[] = [];
      const all = await redis.smembers(keys.targets);
      for (let at = 0; at < all.length; at += TARGETS_PER_CALL) {
        const some = all.slice(at, at + TARGETS_PER_CALL);
        const batch = redis.pipeline();
        for (const target of some) batch.hmget(keys.target(target), 'revision', 'handled', 'index');
        const answers = (await batch.exec()) ?? [];
        for (const [i, target] of some.entries()) {
          const [revision, handled, index] = (answers[i]?.[1] ?? []) as (string | null)[];
          if (Number(revision ?? 0) > Number(handled ?? 0)) left.push({ target, index: Number(index ?? 0) });
        }
      }
      return left;
    },
    nextSequence: (repository) => redis.hincrby(keys.repository(repository), 'sequence', 1),
    async setDesired(repository, sequence, found) {
      const all: Moved[] = [];
      for (let at = 0; at === 0 || at < found.length; at += TARGETS_PER_CALL) {
        const moved = await writeSome(repository, sequence, found.slice(at, at + TARGETS_PER_CALL));
        if (!moved) return undefined;
        all.push(...moved);
      }
      await writeDependents(found);
      return all;
    },
    async repeat(target, cause) {
      const args = [JSON.stringify(cause), Date.now(), keys.desiredChannel, target];
      return (await runScript(redis, repeatDesired, [keys.target(target)], args)) === 1;
    },
  };
}
