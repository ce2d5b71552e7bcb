import { randomUUID } from 'node:crypto';
import type { Cluster, Redis } from 'ioredis';
import { z } from 'zod';
import type { CommitReport, CommitReportKey, CommitReportLine } from '../model/commit-report.ts';
import { type RepositoryId, splitRepository } from '../model/target.ts';
import type { CommitReportStore, Recalled } from '../ports/commit-reports.ts';
import { settleReportScript } from './refused-reports-scripts.ts';
import { changeReportScript } from './report-scripts.ts';
import { runScript } from './script.ts';
import { beginScript, interruptScript, markScript } from './sending-scripts.ts';
import { KEEP_SECONDS, type StateKeys } from './state-keys.ts';
import { toJson } from './to-json.ts';
import { overdueScript } from './waiting-scripts.ts';

/** The field that holds the branch; because of it the hash exists even if there is nothing to deploy. */
const BRANCH = '';

/** Reports that one sweep enqueues; the next one takes those that are left. */
const MOST_UNSENT = 1_000;

/** What changes in a report, beside that it is unsent. */
interface Change {
  fields?: Record<string, string>;
  /** A field to delete. */
  dropped?: string;
  recalled?: Recalled | '';
}

function fieldsOf(key: CommitReportKey, lines: CommitReportLine[]): Record<string, string> {
  return Object.fromEntries(lines.map((line) => [line.target ?? key.scope, toJson(line)]));
}

/** A response of `beginScript`; hashes are lists of fields and values. */
const Begun = z.tuple([z.string(), z.number(), z.array(z.string()), z.array(z.string())]);

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

export function createCommitReportStore(redis: Redis | Cluster, keys: StateKeys): CommitReportStore {
  async function change(key: CommitReportKey, { fields = {}, dropped = '', recalled = '' }: Change) {
    const touched = [keys.report(key), keys.unsent, keys.sent(key)];
    const args = [memberOf(key), KEEP_SECONDS, dropped, recalled, ...Object.entries(fields).flat()];
    await runScript(redis, changeReportScript, touched, args);
  }
  const sendingKeys = (key: CommitReportKey) => [keys.unsent, keys.sent(key), keys.sender(key)];

  return {
    // The commit may have been skipped before, and a force push has made it the head again.
    open: (key, branch) => change(key, { fields: { [BRANCH]: branch }, dropped: key.scope }),
    has: async (key) => (await redis.exists(keys.report(key))) === 1,
    write: (key, lines) => change(key, { fields: fieldsOf(key, lines) }),
    skip(key, branch, supersededBy) {
      const line: CommitReportLine = { state: 'superseded', supersededBy };
      return change(key, { fields: { [BRANCH]: branch, [key.scope]: toJson(line) } });
    },
    recallHead: (key) => change(key, { recalled: 'head' }),
    recallPast: (key, branch, lines) =>
      change(key, { fields: { [BRANCH]: branch, ...fieldsOf(key, lines) }, recalled: 'past' }),
    read: async (key) => readReport(await redis.hgetall(keys.report(key))),
    async begin(key) {
      const token = randomUUID();
      const touched = [keys.unsent, keys.report(key), keys.sent(key), keys.sender(key)];
      const args = [memberOf(key), token, KEEP_SECONDS];
      const begun = Begun.parse(await runScript(redis, beginScript, touched, args));
      const [changedAt, unsentMs, hash, sent] = begun;
      const report = readReport(toRecord(hash));
      return { token, report, changedAt: changedAt || null, unsentMs, sent: toRecord(sent) };
    },
    async markSent(key, token, fields) {
      const args = [memberOf(key), token, KEEP_SECONDS, ...Object.entries(fields).flat()];
      return (await runScript(redis, markScript, sendingKeys(key), args)) === 1;
    },
    async interrupt(key, token, unsure) {
      await runScript(redis, interruptScript, sendingKeys(key), [memberOf(key), token, ...unsure]);
    },
    async unsent(olderThanMs) {
      const found = await runScript(redis, overdueScript, [keys.unsent], [olderThanMs, MOST_UNSENT]);
      return z.array(z.string()).parse(found).map(keyOf);
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
        [memberOf(key), changedAt ?? '', repository, isTaken ? '1' : '0', `${forge}/`, token],
      );
      return held === 1;
    },
  };
}
