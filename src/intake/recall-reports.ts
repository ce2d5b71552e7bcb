import type { CommitReportKey, CommitReportLine } from '../model/commit-report.ts';
import { parseTargetId, type RepositoryId } from '../model/target.ts';
import type { ParentRecord } from '../ports/cluster.ts';
import type { BranchFinding } from './finding.ts';
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
 */
export async function recallReports(
  repository: RepositoryId,
  findings: BranchFinding[],
  ports: IntakePorts,
): Promise<void> {
  const names = new Set(findings.flatMap(({ targets }) => targets.map(({ target }) => target.cluster)));
  const lists = await Promise.all([...names].map((cluster) => ports.records.of(repository, cluster)));
  const records = lists.flat();
  // Nothing was ever deployed.
  if (records.length === 0) return;
  const due: CommitReportKey[] = [];
  for (const finding of findings) due.push(...(await recallOnBranch(repository, finding, records, ports)));
  if (due.length > 0) await ports.wakeUps.enqueueReports(due);
}

async function recallOnBranch(
  repository: RepositoryId,
  finding: BranchFinding,
  records: ParentRecord[],
  { mirrors, reports }: IntakePorts,
): Promise<CommitReportKey[]> {
  const head = finding.commit;
  const mine = records.filter((record) => finding.environments.includes(environmentOf(record)));
  // A target whose first release was under way has a parent without a record.
  if (mine.length === 0) return [];
  const since = isRefused(finding.invalid)
    ? []
    : await mirrors.open(repository).since(head, newest(mine, MOST_RECORDED), MOST_COMMITS);
  const last = newest(
    mine.map((record) => ({ ...record, history: record.history.slice(0, 1) })),
    MOST_COMMITS,
  );
  const recalled: CommitReportKey[] = [];
  for (const scope of finding.environments) {
    const ofScope = mine.filter((record) => environmentOf(record) === scope);
    if (!finding.invalid) await reports.recallHead({ repository, commit: head, scope });
    for (const commit of new Set([...since, ...last])) {
      const key = { repository, commit, scope };
      if (commit === head || (await reports.has(key))) continue;
      const rest: CommitReportLine = { state: 'superseded', supersededBy: head };
      await reports.recallPast(key, finding.branch, [rest, ...linesOf(commit, ofScope)]);
      recalled.push(key);
    }
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
