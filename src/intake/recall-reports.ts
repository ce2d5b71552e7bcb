import type { CommitReportKey, CommitReportLine } from '../model/commit-report.ts';
import { parseTargetId, type RepositoryId } from '../model/target.ts';
import type { ParentRecord } from '../ports/cluster.ts';
import { type BranchFinding, scopesOf } from './finding.ts';
import { isRefused } from './heads.ts';
import type { IntakePorts } from './ports.ts';

/** Commits of a branch and of its records that the forge is asked about; each costs a request. */
const MOST_COMMITS = 30;

/** Commits of the records that may bound the search in the history. */
const MOST_RECORDED = 200;

/**
 * Redis knows nothing of the repository: it was emptied, or the repository is new. Commits that were being deployed may
 * have statuses on the forge that nobody would end any more. Marks the reports on the heads, before they are written,
 * and makes one for every commit that came after those that the clusters know, and for the last of these. Whatever waits
 * there is ended with what the clusters know of it, else as superseded by the head.
 *
 * @param recorded what the clusters know; empty: nothing was ever deployed, or Redis knows the repository
 */
export async function recallReports(
  repository: RepositoryId,
  findings: BranchFinding[],
  recorded: ParentRecord[],
  ports: IntakePorts,
  signal: AbortSignal,
): Promise<void> {
  if (recorded.length === 0) return;
  const due: CommitReportKey[] = [];
  for (const finding of findings) {
    const scopes = scopesOf(finding);
    const records = recorded.filter((record) => scopes.includes(environmentOf(record)));
    // A target whose first release was under way has a parent without a record.
    if (records.length === 0) continue;
    const known = await knownCommits(repository, finding, records, ports);
    const isFollowed = scopes.every((scope) => finding.environments.includes(scope));
    const others = isFollowed ? [] : await otherHeads(repository, findings, ports, signal);
    for (const scope of scopes) {
      const commits = finding.environments.includes(scope) ? known : [...known, ...others];
      due.push(...(await recallScope(repository, finding, { scope, records, commits }, ports)));
    }
  }
  if (due.length > 0) await ports.wakeUps.enqueueReports(due);
}

/** Commits of the branch that came after those of the records, and the last one of each record. */
async function knownCommits(
  repository: RepositoryId,
  { commit: head, invalid }: BranchFinding,
  records: ParentRecord[],
  { mirrors }: IntakePorts,
): Promise<string[]> {
  const since = isRefused(invalid)
    ? []
    : await mirrors.open(repository).since(head, newest(records, MOST_RECORDED), MOST_COMMITS);
  const last = newest(
    records.map((record) => ({ ...record, history: record.history.slice(0, 1) })),
    MOST_COMMITS,
  );
  return [...since, ...last];
}

/** An environment that is gone may have followed any branch that none follows now: the heads of these. */
async function otherHeads(
  repository: RepositoryId,
  findings: BranchFinding[],
  { mirrors }: IntakePorts,
  signal: AbortSignal,
): Promise<string[]> {
  const { branches } = await mirrors.open(repository).heads(signal);
  const followed = new Set(findings.map(({ branch }) => branch));
  const others = [...branches].flatMap(([branch, commit]) => (followed.has(branch) ? [] : [commit]));
  return others.slice(0, MOST_COMMITS);
}

async function recallScope(
  repository: RepositoryId,
  { commit: head, branch, invalid }: BranchFinding,
  { scope, records, commits }: { scope: string; records: ParentRecord[]; commits: string[] },
  { reports }: IntakePorts,
): Promise<CommitReportKey[]> {
  const ofScope = records.filter((record) => environmentOf(record) === scope);
  if (!invalid) await reports.recallHead({ repository, commit: head, scope });
  const recalled: CommitReportKey[] = [];
  for (const commit of new Set(commits)) {
    const key = { repository, commit, scope };
    if (commit === head || (await reports.has(key))) continue;
    const rest: CommitReportLine = { state: 'superseded', supersededBy: head };
    await reports.recallPast(key, branch, [rest, ...linesOf(commit, ofScope)]);
    recalled.push(key);
  }
  return recalled;
}

function environmentOf({ target }: ParentRecord): string {
  return parseTargetId(target)?.environment ?? '';
}

/** The commits of the lines, the newest first, each once. */
function newest(records: ParentRecord[], most: number): string[] {
  const lines = records.flatMap(({ history }) => history).toSorted((a, b) => (a.at < b.at ? 1 : -1));
  return [...new Set(lines.map(({ commit }) => commit))].slice(0, most);
}

/** How the commit ended for the targets whose records still say so. */
function linesOf(commit: string, records: ParentRecord[]): CommitReportLine[] {
  return records.flatMap(({ target, history }) => {
    const line = history.find((one) => one.commit === commit);
    return line ? [{ target, state: line.state }] : [];
  });
}
