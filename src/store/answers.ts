import type { Cluster, Redis } from 'ioredis';
import type { AnswerKey, AnswerLine } from '../model/answer.ts';
import type { AnswerStore } from '../ports/answers.ts';
import { runScript, script } from './script.ts';
import { KEEP_SECONDS, type StateKeys } from './state-keys.ts';

/** A line that has ended keeps its word; `superseded` is only ever said of an open one. */
const supersedeLine = script(`
local old = redis.call('HGET', KEYS[1], ARGV[1])
if old then
  local state = cjson.decode(old)['state']
  if state ~= 'queued' and state ~= 'rendering' and state ~= 'checking' and state ~= 'applying' and state ~= 'verifying' and state ~= 'blocked' then
    return 0
  end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[5])
return 1
`);

const settleScript = script(`
local at = redis.call('ZSCORE', KEYS[1], ARGV[1])
if at and tonumber(at) == tonumber(ARGV[2]) then redis.call('ZREM', KEYS[1], ARGV[1]) end
return 1
`);

/** The field of a hash that says `nothing to deploy`, so that the hash exists. */
const NOTHING = '';

export function memberOf(key: AnswerKey): string {
  return JSON.stringify([key.repository, key.commit, key.scope]);
}

/** Milliseconds with a random fraction: two changes of one answer in one millisecond stay two. */
export function now(): number {
  return Date.now() + Math.random();
}

export function createAnswerStore(redis: Redis | Cluster, keys: StateKeys): AnswerStore {
  return {
    async write(key, lines) {
      const fields = lines.flatMap((line) => [line.target ?? key.scope, JSON.stringify(line)]);
      const batch = redis.pipeline();
      batch.hset(keys.answer(key), NOTHING, '', ...fields);
      batch.expire(keys.answer(key), KEEP_SECONDS);
      batch.zadd(keys.unsent, now(), memberOf(key));
      await batch.exec();
    },
    async supersede(key, line) {
      const args = [line.target ?? key.scope, JSON.stringify(line), KEEP_SECONDS, now(), memberOf(key)];
      return (await runScript(redis, supersedeLine, [keys.answer(key), keys.unsent], args)) === 1;
    },
    async read(key) {
      const hash = await redis.hgetall(keys.answer(key));
      return Object.entries(hash).flatMap(([field, json]) =>
        field === NOTHING ? [] : [JSON.parse(json) as AnswerLine],
      );
    },
    sent: (key) => redis.hgetall(keys.sent(key)),
    async markSent(key, context, said) {
      await redis.pipeline().hset(keys.sent(key), context, said).expire(keys.sent(key), KEEP_SECONDS).exec();
    },
    async unsent(before) {
      const members = await redis.zrangebyscore(keys.unsent, 0, before, 'LIMIT', 0, 1_000);
      return members.map((member) => {
        const [repository = '', commit = '', scope = ''] = JSON.parse(member) as string[];
        return { repository, commit, scope };
      });
    },
    async changedAt(key) {
      const at: string | number | null = await redis.zscore(keys.unsent, memberOf(key));
      return at === null ? null : String(at);
    },
    async settle(key, changedAt) {
      if (changedAt === null) return;
      await runScript(redis, settleScript, [keys.unsent], [memberOf(key), changedAt]);
    },
  };
}
