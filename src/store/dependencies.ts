import type { Cluster, Redis } from 'ioredis';
import { type RepositoryId, repositoryOf, type TargetId } from '../model/target.ts';
import type { DependencyStore, Edges } from '../ports/dependencies.ts';
import { runScript, script } from './script.ts';
import type { StateKeys } from './state-keys.ts';

/** The field of a repository's edges that counts their changes; no target has this name. */
const VERSION = '';

/**
 * KEYS: the repository's hash, its edges, then the edges of every repository that was read.
 * ARGV: sequence, repository, the prefixes of the keys of dependents and of refused repositories, the repositories
 * through which it is refused as JSON, the changes as JSON (id, its dependencies as JSON), then a version for each
 * repository that was read. Returns -1 (late), 0 (moved), or the version and the repositories to enqueue.
 *
 * A refused repository is registered in the step that verifies the edges it was refused for, so no edge can be removed
 * unnoticed in between.
 */
const writeScript = script(`
if tonumber(ARGV[1]) < tonumber(redis.call('HGET', KEYS[1], 'mark') or '0') then return -1 end
for i = 3, #KEYS do
  if (redis.call('HGET', KEYS[i], '') or '0') ~= ARGV[i + 4] then return 0 end
end
redis.call('HSET', KEYS[1], 'mark', ARGV[1])

local changes = cjson.decode(ARGV[6])
for _, change in ipairs(changes) do
  local id, edges = unpack(change)
  for _, on in ipairs(cjson.decode(redis.call('HGET', KEYS[2], id) or '[]')) do
    redis.call('SREM', ARGV[3] .. on, id)
  end
  for _, on in ipairs(cjson.decode(edges)) do redis.call('SADD', ARGV[3] .. on, id) end
  if edges == '[]' then redis.call('HDEL', KEYS[2], id) else redis.call('HSET', KEYS[2], id, edges) end
end
if #changes > 0 then redis.call('HINCRBY', KEYS[2], '', 1) end

local before = redis.call('HGET', KEYS[1], 'refusedBy') or '[]'
if before ~= ARGV[5] then
  for _, other in ipairs(cjson.decode(before)) do redis.call('SREM', ARGV[4] .. other, ARGV[2]) end
  for _, other in ipairs(cjson.decode(ARGV[5])) do redis.call('SADD', ARGV[4] .. other, ARGV[2]) end
  redis.call('HSET', KEYS[1], 'refusedBy', ARGV[5])
end

local version = redis.call('HGET', KEYS[2], '') or '0'
local refused = redis.call('SMEMBERS', ARGV[4] .. ARGV[2])
if #refused == 0 then redis.call('HSET', KEYS[1], 'enqueued', version) end
if version == (redis.call('HGET', KEYS[1], 'enqueued') or '0') then refused = {} end
table.insert(refused, 1, version)
return refused
`);

/** Prefix of a member of dependents that is returned once and then removed; an edge to the same target stays. */
const ONCE = 'once ';

/**
 * KEYS: dependents of the target. ARGV: the prefix of a target's key, and that of members returned once. Returns the id,
 * index and cluster of each dependent with a revision that no release has ended for.
 */
const waitingScript = script(`
local waiting = {}
for _, member in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local id = member
  if string.sub(member, 1, #ARGV[2]) == ARGV[2] then
    id = string.sub(member, #ARGV[2] + 1)
    redis.call('SREM', KEYS[1], member)
  end
  local state = redis.call('HMGET', ARGV[1] .. id, 'revision', 'handled', 'index', 'target')
  if tonumber(state[1] or '0') > tonumber(state[2] or '0') then
    waiting[#waiting + 1] = id
    waiting[#waiting + 1] = state[3] or '0'
    waiting[#waiting + 1] = state[4] and cjson.decode(state[4]).cluster or ''
  end
end
return waiting
`);

export function createDependencyStore(redis: Redis | Cluster, keys: StateKeys): DependencyStore {
  async function ofSome(repository: RepositoryId, targets: TargetId[]) {
    const [version, ...texts] = await redis.hmget(keys.edges(repository), VERSION, ...targets);
    const found = targets.flatMap((id, i): [TargetId, TargetId[]][] => {
      const text = texts[i];
      return text ? [[id, JSON.parse(text) as TargetId[]]] : [];
    });
    return { version: version ?? '0', found };
  }

  return {
    async ofRepository(repository, seen) {
      const { [VERSION]: version = '0', ...texts } = await redis.hgetall(keys.edges(repository));
      seen.set(repository, version);
      return new Map(Object.entries(texts).map(([id, text]) => [id, JSON.parse(text) as TargetId[]]));
    },
    async of(targets, seen) {
      const edges: Edges = new Map();
      const groups = Map.groupBy(targets, repositoryOf);
      await Promise.all(
        [...groups].map(async ([repository, some]) => {
          const { version, found } = await ofSome(repository, some);
          if (!seen.has(repository)) seen.set(repository, version);
          for (const [id, on] of found) edges.set(id, on);
        }),
      );
      return edges;
    },
    async write({ repository, sequence, seen, changed, refusedBy }) {
      const response = await runScript(
        redis,
        writeScript,
        [keys.repository(repository), keys.edges(repository), ...[...seen.keys()].map(keys.edges)],
        [
          sequence,
          repository,
          keys.dependents(''),
          keys.refused(''),
          JSON.stringify(refusedBy.toSorted()),
          JSON.stringify([...changed].map(([id, on]) => [id, JSON.stringify(on)])),
          ...seen.values(),
        ],
      );
      if (!Array.isArray(response)) return response === -1 ? 'late' : 'moved';
      const [version = '0', ...retry] = response.map(String);
      return { version, retry };
    },
    async enqueued(repository, version) {
      await redis.hset(keys.repository(repository), 'enqueued', version);
    },
    async waitFor(target, waiter) {
      await redis.sadd(keys.dependents(target), `${ONCE}${waiter}`);
    },
    async waiting(target) {
      const response = await runScript(
        redis,
        waitingScript,
        [keys.dependents(target)],
        [keys.target(''), ONCE],
      );
      const flat = Array.isArray(response) ? response.map(String) : [];
      return flat.flatMap((target, i) => {
        const [index, cluster = ''] = flat.slice(i + 1, i + 3);
        return i % 3 === 0 ? [{ target, cluster, index: Number(index) }] : [];
      });
    },
  };
}
