import { randomUUID } from 'node:crypto';
import type { Cluster, Redis } from 'ioredis';
import { z } from 'zod';
import type { CommitReport, CommitReportKey, CommitReportLine } from '../model/commit-report.ts';
import { type RepositoryId, splitRepository } from '../model/target.ts';
import { type CommitReportStore, RECALLED, type Recalled } from '../ports/commit-reports.ts';
import { settleReportScript } from './refused-reports-scripts.ts';
import { runScript, script } from './script.ts';
import { beginScript, interruptScript, markScript } from './sending-scripts.ts';
import { KEEP_SECONDS, type StateKeys } from './state-keys.ts';
import { toJson } from './to-json.ts';

/** KEYS: a sorted set. ARGV: member, score. Removes the member unless its score has changed. */
export const settleScript = script(`
local at = redis.call('ZSCORE', KEYS[1], ARGV[1])
if at and tonumber(at) == tonumber(ARGV[2]) then redis.call('ZREM', KEYS[1], ARGV[1]) end
return 1
`);

/** The field that holds the branch; because of it the hash exists even if there is nothing to deploy. */
const BRANCH = '';

/** A response of `beginScript`; hashes are lists of fields and values. */
const Begun = z.tuple([z.string(), z.array(z.string()), z.array(z.string())]);

function toRecord(hash: string[]): Record<string, string> {
  return Object.fromEntries(hash.flatMap((field, i) => (i % 2 === 0 ? [[field, hash[i + 1] ?? '']] : [])));
}

function readReport(hash: Record<string, string>): CommitReport {
  const lines = Object.entries(hash).flatMap(([field, json]) =>
    field === BRANCH ? [] : [JSON.parse(json) as CommitReportLine],
  );
  return { isKnown: Object.keys(hash).length > 0, branch: hash[BRANCH] || undefined, lines };
}

export function memberOf(key: CommitReportKey): string {
  return JSON.stringify([key.repository, key.commit, key.scope]);
}

/** What precedes the commit in a report's key and in its member of `unsent`, for scripts that report on commits. */
export function beforeCommit(keys: StateKeys, repository: RepositoryId): [string, string] {
  const key = { repository, commit: '', scope: '' };
  return [keys.report(key).slice(0, -':'.length), memberOf(key).slice(0, -'",""]'.length)];
}

export function keyOf(member: string): CommitReportKey {
  const [repository = '', commit = '', scope = ''] = JSON.parse(member) as string[];
  return { repository, commit, scope };
}

/** Milliseconds with a random fraction: two changes of one report in the same millisecond stay distinct. */
export function now(): number {
  return Date.now() + Math.random();
}

export function createCommitReportStore(redis: Redis | Cluster, keys: StateKeys): CommitReportStore {
  function changed(key: CommitReportKey) {
    return redis
      .pipeline()
      .hsetnx(keys.report(key), BRANCH, '')
      .expire(keys.report(key), KEEP_SECONDS)
      .zadd(keys.unsent, now(), memberOf(key));
  }
  /** In one step: without the mark, the report would say more than is known. */
  function recalled(key: CommitReportKey, as: Recalled) {
    return redis
      .multi()
      .hset(keys.sent(key), RECALLED, as)
      .expire(keys.sent(key), KEEP_SECONDS)
      .hsetnx(keys.report(key), BRANCH, '')
      .expire(keys.report(key), KEEP_SECONDS)
      .zadd(keys.unsent, now(), memberOf(key));
  }
  const sendingKeys = (key: CommitReportKey) => [keys.unsent, keys.sent(key), keys.sender(key)];
  const fieldOf = (key: CommitReportKey, line: CommitReportLine) => line.target ?? key.scope;

  return {
    async open(key, branch) {
      const batch = changed(key).hset(keys.report(key), BRANCH, branch);
      // The commit was skipped before, and a force push has made it the head again.
      await batch.hdel(keys.report(key), key.scope).exec();
    },
    has: async (key) => (await redis.exists(keys.report(key))) === 1,
    async write(key, lines) {
      const batch = changed(key);
      for (const line of lines) batch.hset(keys.report(key), fieldOf(key, line), toJson(line));
      await batch.exec();
    },
    async skip(key, branch, supersededBy) {
      const line: CommitReportLine = { state: 'superseded', supersededBy };
      const fields = { [BRANCH]: branch, [key.scope]: toJson(line) };
      await changed(key).hset(keys.report(key), fields).exec();
    },
    async recallHead(key) {
      await recalled(key, 'head').exec();
    },
    async recallPast(key, branch, lines) {
      const texts = lines.map((line) => [fieldOf(key, line), toJson(line)]);
      const fields = { [BRANCH]: branch, ...Object.fromEntries(texts) };
      await recalled(key, 'past').hset(keys.report(key), fields).exec();
    },
    read: async (key) => readReport(await redis.hgetall(keys.report(key))),
    async begin(key) {
      const token = randomUUID();
      const touched = [keys.unsent, keys.report(key), keys.sent(key), keys.sender(key)];
      const args = [memberOf(key), token, KEEP_SECONDS];
      const [changedAt, hash, sent] = Begun.parse(await runScript(redis, beginScript, touched, args));
      return {
        token,
        changedAt: changedAt || null,
        report: readReport(toRecord(hash)),
        sent: toRecord(sent),
      };
    },
    async markSent(key, token, fields) {
      const args = [memberOf(key), token, now(), KEEP_SECONDS, ...Object.entries(fields).flat()];
      return (await runScript(redis, markScript, sendingKeys(key), args)) === 1;
    },
    async interrupt(key, token, unsure) {
      await runScript(redis, interruptScript, sendingKeys(key), [memberOf(key), token, now(), ...unsure]);
    },
    async unsent(before) {
      const members = await redis.zrangebyscore(keys.unsent, 0, before, 'LIMIT', 0, 1_000);
      return members.map(keyOf);
    },
    async settle(key, { token, changedAt }, isTaken) {
      const { repository } = key;
      const { forge } = splitRepository(repository);
      const held = await runScript(
        redis,
        settleReportScript,
        [
          keys.unsent,
          keys.refusals,
          keys.refusal(repository),
          keys.refusedReports(repository),
          keys.sender(key),
        ],
        [memberOf(key), changedAt ?? '', repository, isTaken ? '1' : '0', now(), `${forge}/`, token],
      );
      return held === 1;
    },
  };
}
