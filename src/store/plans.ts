import { randomUUID } from 'node:crypto';
import type { Cluster, Redis } from 'ioredis';
import type { PlanRequests, PlanRuns, PlanState, RecordedPlan } from '../ports/planning.ts';
import {
  claimRunScript,
  createRequestScript,
  endRequestScript,
  progressScript,
  readRequestScript,
  releaseRunScript,
  renewClaimScript,
} from './plan-scripts.ts';
import { reached } from './reach.ts';
import { runScript, type Script } from './script.ts';
import type { StateKeys } from './state-keys.ts';

/** Milliseconds that an outcome can be read, by its requester and by later requests that take one so old. */
const KEEP_OUTCOME_MS = 60_000;

const CLAIM_MS = 15_000;

type Run = (script: Script, keys: string[], args: (string | number)[]) => Promise<unknown>;

const runOn =
  (redis: Redis | Cluster): Run =>
  (script, keys, args) =>
    reached(runScript(redis, script, keys, args));

export function createPlanRequests(redis: Redis | Cluster, keys: StateKeys): PlanRequests {
  const run = runOn(redis);
  return {
    async create(request, keepMs) {
      const id = randomUUID();
      await run(createRequestScript, [keys.planRequest(id)], [JSON.stringify(request), keepMs]);
      return id;
    },
    async read(id, keepMs) {
      const key = keys.planRequest(id);
      if (keepMs === undefined) return toRecorded(id, await reached(redis.hgetall(key)));
      return toRecorded(id, hashOf(await run(readRequestScript, [key], [keepMs])));
    },
    async progress(id, state) {
      return (await run(progressScript, [keys.planRequest(id)], [state])) === 1;
    },
    async end(id, outcome) {
      const state: PlanState = 'failure' in outcome ? 'failed' : 'planned';
      await run(endRequestScript, [keys.planRequest(id)], [state, JSON.stringify(outcome), KEEP_OUTCOME_MS]);
    },
    async remove(id) {
      return (await reached(redis.del(keys.planRequest(id)))) === 1;
    },
  };
}

export function createPlanRuns(redis: Redis | Cluster, keys: StateKeys): PlanRuns {
  const run = runOn(redis);
  return {
    async claim(key, since) {
      const token = randomUUID();
      const both = [keys.planRun(key), keys.planClaim(key)];
      const response = await run(claimRunScript, both, [since, token, CLAIM_MS]);
      if (typeof response === 'string') return { kind: 'found', outcome: JSON.parse(response) };
      return response === 1 ? { kind: 'claimed', token } : { kind: 'busy' };
    },
    async renew(key, token) {
      await run(renewClaimScript, [keys.planClaim(key)], [token, CLAIM_MS]);
    },
    async release(key, token, ended) {
      const outcome = ended ? [ended.startedAt, JSON.stringify(ended.outcome)] : [];
      const both = [keys.planRun(key), keys.planClaim(key)];
      await run(releaseRunScript, both, [token, KEEP_OUTCOME_MS, ...outcome]);
    },
    async now() {
      const [seconds, microseconds] = await reached(redis.time());
      return Number(seconds) * 1_000 + Number(microseconds) / 1_000;
    },
  };
}

/** What a script returns of a hash: names and values in turn. */
function hashOf(response: unknown): Record<string, string> {
  const texts = Array.isArray(response) ? response.map(String) : [];
  return Object.fromEntries(
    texts.flatMap((text, at) => (at % 2 === 0 ? [[text, texts[at + 1] ?? ''] as const] : [])),
  );
}

function toRecorded(id: string, hash: Record<string, string>): RecordedPlan | undefined {
  const { request, requestedAt, state, outcome } = hash;
  if (request === undefined) return undefined;
  return {
    id,
    request: JSON.parse(request),
    requestedAt: Number(requestedAt),
    state: state as PlanState,
    outcome: outcome === undefined ? undefined : JSON.parse(outcome),
  };
}
