import { Job, type JobsOptions, type Queue, type RedisQueueBackend } from 'bullmq';
import type { AnyJob } from './queues.ts';

/**
 * The priority of every job when BullMQ enqueues it, and puts it back for a retry. The jobs that have a turn precede
 * it: BullMQ's scores are the priority × 2^32 and a counter, exact up to 2^53.
 */
const NO_TURN_YET = 2 ** 20;
const FIRST_SCORE_WITHOUT_TURN = NO_TURN_YET * 2 ** 32;

/**
 * Start-time fair queueing (Goyal, Vin, Cheng: https://doi.org/10.1145/248157.248171) over BullMQ's set of waiting jobs:
 * each job without a turn gets the one after the last of its flow, but none that is over. Flows therefore alternate, a
 * flow keeps its order, and a flow that was idle comes next without catching up on what it missed.
 *
 * A score is 8 × turn + number of the flow in its project (`model/flow.ts`). A flow that was idle begins so many turns
 * later, so that a push of one precedes all but the first of a push of many. `now` is the turn before the first that
 * waits; it never falls. Jobs that began before, which a retry, a pause or a dead worker has put back, have a flow of
 * their own in their project: they do not wait behind those that never began.
 *
 * A job that waits keeps its turn when it is enqueued again, unless the new wake-up would have an earlier one.
 *
 * KEYS: the waiting jobs, the list in which BullMQ puts jobs of dead workers, the last turn of each flow.
 * ARGV: the prefix of the jobs' keys, the first score without a turn, then name and flow of wake-ups that may come
 * earlier than the job that waits.
 */
const giveTurns = `
local waiting, stalled, turns = unpack(KEYS)
local noTurn = tonumber(ARGV[2])
local now, last = unpack(redis.call('HMGET', turns, 'now', 'last'))
now, last = tonumber(now or '1'), tonumber(last or '1')
local front = tonumber(redis.call('ZRANGE', waiting, 0, 0, 'WITHSCORES')[2] or noTurn)
now = math.max(now, front < noTurn and math.floor(front / 8) - 1 or last)

local lastOf = {}
local function giveTurn(id, flow, before)
  local number = tonumber(string.match(flow, '%d$') or '0')
  local lastTurn = lastOf[flow] or tonumber(redis.call('HGET', turns, flow) or '0')
  local turn = math.max(now + number, lastTurn + 1)
  local score = turn * 8 + number
  if score >= before then return end
  redis.call('ZADD', waiting, score, id)
  lastOf[flow] = turn
  last = math.max(last, turn)
end

local id = redis.call('RPOP', stalled)
while id do
  redis.call('ZADD', waiting, noTurn, id)
  id = redis.call('RPOP', stalled)
end
for _, id in ipairs(redis.call('ZRANGE', waiting, noTurn, '+inf', 'BYSCORE')) do
  local flow, began = unpack(redis.call('HMGET', ARGV[1] .. id, 'name', 'ats'))
  flow = flow or ''
  giveTurn(id, began and string.match(flow, '^[^/]*') .. '/again' or flow, math.huge)
end
for i = 3, #ARGV, 2 do
  local id = redis.call('GET', ARGV[1] .. 'de:' .. ARGV[i])
  local score = id and redis.call('ZSCORE', waiting, id)
  if score then giveTurn(id, ARGV[i + 1], tonumber(score)) end
end
for flow, turn in pairs(lastOf) do redis.call('HSET', turns, flow, turn) end
redis.call('HSET', turns, 'now', now, 'last', last)
`;

export interface NewJob {
  /** The forge or cluster that the job waits for; undefined: none. */
  share: string | undefined;
  data: AnyJob;
  /** Jobs of different flows take turns. */
  flow: string;
  /** Whether a job of this name that waits gets the turn of this one if that is earlier. */
  mayComeEarlier?: boolean;
  options: JobsOptions;
}

/** What a queue and a worker have in common. */
interface Turned {
  name: string;
  getBackend(): RedisQueueBackend;
  toKey(type: string): string;
}

/** Enqueues jobs and gives them their turns in one round trip. Rejects while Redis is down. */
export async function addInTurn(queue: Queue<AnyJob>, prefix: string, jobs: NewJob[]): Promise<void> {
  const client = await queue.getBackend().client;
  const pipeline = client.pipeline();
  for (const { flow, data, options } of jobs) {
    void new Job(queue, flow, data, { ...options, priority: NO_TURN_YET }).addJob(pipeline);
  }
  pipeline.runCommand('eval', commandOf(queue, prefix, jobs));
  const results = (await pipeline.exec()) ?? [];
  for (const [error] of results) if (error) throw error;
}

/** Gives a turn to the jobs that BullMQ has put back by itself. */
export async function turnJobs(worker: Turned, prefix: string): Promise<void> {
  const client = await worker.getBackend().client;
  await client.runCommand('eval', commandOf(worker, prefix, []));
}

function commandOf(queue: Turned, prefix: string, jobs: NewJob[]): (string | number)[] {
  const keys = [queue.toKey('prioritized'), queue.toKey('wait'), `${prefix}:turns:${queue.name}`];
  const earlier = jobs.filter(({ mayComeEarlier }) => mayComeEarlier);
  const wakeUps = earlier.flatMap(({ flow, options }) => [options.deduplication?.id ?? '', flow]);
  return [giveTurns, keys.length, ...keys, queue.toKey(''), FIRST_SCORE_WITHOUT_TURN, ...wakeUps];
}
