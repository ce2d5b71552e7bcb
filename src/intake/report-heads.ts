import { CONFIG_SCOPE, type CommitReportKey } from '../model/commit-report.ts';
import { parseTargetId, type RepositoryId } from '../model/target.ts';
import type { Moved } from '../ports/desired.ts';
import type { RepositoryState } from '../ports/repositories.ts';
import { type BranchFinding, scopesOf } from './finding.ts';
import type { IntakePorts } from './ports.ts';

/** A `pending` status is sent only if the release has not ended by then. */
export const PENDING_AFTER_MS = 2_000;

interface DueReports {
  now: CommitReportKey[];
  later: CommitReportKey[];
}

/** What an intake knew of the repository, and whether environments are defined in another way now. */
export interface Before {
  state: RepositoryState | undefined;
  isRedefined: boolean;
}

/** Reports on each head what will happen to it, and on each skipped commit what superseded it. */
export async function reportHeads(
  repository: RepositoryId,
  findings: BranchFinding[],
  moved: Moved[],
  { state, isRedefined }: Before,
  ports: IntakePorts,
): Promise<void> {
  const due: DueReports = { now: [], later: [] };
  for (const finding of findings) {
    if (finding.invalid) {
      due.now.push(await reportInvalid(repository, finding, ports));
      continue;
    }
    const isNew =
      state?.heads[finding.branch] !== finding.commit || (await isValidNow(repository, finding, due, ports));
    for (const scope of scopesOf(finding)) {
      const key = { repository, commit: finding.commit, scope };
      const mine = moved.filter(({ target }) => environmentOf(target) === scope);
      // Nothing is said of an environment that is gone once its targets need no more.
      const isFollowed = finding.environments.includes(scope);
      const isFree = !isNew && isRedefined && (await wasHeld(key, ports));
      await reportEnvironment(key, finding, { mine, isNew: isFollowed && (isNew || isFree) }, due, ports);
    }
    if (isNew) due.now.push(...(await reportHeld(repository, finding, ports)));
  }
  await Promise.all([
    due.now.length > 0 ? ports.wakeUps.enqueueReports(due.now) : undefined,
    due.later.length > 0 ? ports.wakeUps.enqueueReports(due.later, PENDING_AFTER_MS) : undefined,
  ]);
}

async function reportEnvironment(
  key: CommitReportKey,
  finding: BranchFinding,
  { mine, isNew }: { mine: Moved[]; isNew: boolean },
  due: DueReports,
  { reports }: IntakePorts,
): Promise<void> {
  if (mine.length === 0 && !isNew) {
    // A merge webhook may have come after the push webhook: its pull request has no report yet.
    if (await reports.has(key)) due.later.push(key);
    return;
  }
  const held = finding.held.filter(({ target }) => environmentOf(target ?? '') === key.scope);
  if (held.length > 0) await reports.write(key, held);
  await reports.open(key, finding.branch);
  if (mine.length > 0 && held.length === 0) due.later.push(key);
  else due.now.push(key);
  const skipped = new Set(mine.flatMap((one) => one.skipped));
  for (const commit of skipped) due.now.push({ ...key, commit });
}

/** Reports on a new head the environments that it would move, if their definition had no mistake. */
async function reportHeld(
  repository: RepositoryId,
  { branch, commit, heldEnvironments = [] }: BranchFinding,
  { reports }: IntakePorts,
): Promise<CommitReportKey[]> {
  const keys = heldEnvironments.map(({ name, failures }) => ({
    key: { repository, commit, scope: name },
    failure: failures[0],
  }));
  for (const { key, failure } of keys) {
    await reports.open(key, branch);
    await reports.write(key, [{ state: 'failed', failure }]);
  }
  return keys.map(({ key }) => key);
}

/** Whether the commit was not deployed because of a mistake in the environment's definition. */
async function wasHeld(key: CommitReportKey, { reports }: IntakePorts): Promise<boolean> {
  const { lines } = await reports.read(key);
  return lines.some(({ target, state }) => target === undefined && state === 'failed');
}

function environmentOf(target: string): string | undefined {
  return parseTargetId(target)?.environment;
}

/**
 * Whether the commit was refused before for a reason outside of it that has gone: a dependency of another repository, or
 * a rule of server.yaml. Takes back the failure on its slipway.yaml; the commit is then reported like a new one.
 */
async function isValidNow(
  repository: RepositoryId,
  { commit }: BranchFinding,
  due: DueReports,
  { reports }: IntakePorts,
): Promise<boolean> {
  const key = { repository, commit, scope: CONFIG_SCOPE };
  const refused = (await reports.read(key)).lines.some(({ state }) => state === 'failed');
  if (!refused) return false;
  await reports.write(key, [
    { state: 'succeeded', notices: [{ kind: 'valid', summary: 'slipway.yaml is valid now' }] },
  ]);
  due.now.push(key);
  return true;
}

async function reportInvalid(
  repository: RepositoryId,
  finding: BranchFinding,
  { reports }: IntakePorts,
): Promise<CommitReportKey> {
  const key = { repository, commit: finding.commit, scope: CONFIG_SCOPE };
  await reports.write(key, [{ state: 'failed', failure: finding.invalid?.failure }]);
  return key;
}
