import { toSlipwayError } from '../../errors.ts';
import type { CommitReportKey } from '../../model/commit-report.ts';
import { type RepositoryId, splitRepository } from '../../model/target.ts';
import type { CommitReportStore } from '../../ports/commit-reports.ts';
import type { Deliveries } from '../../ports/deliveries.ts';
import type { CommitStatus, Forge } from '../../ports/forge.ts';
import type { Mirrors } from '../../ports/git.ts';
import type { RefusedReports } from '../../ports/refused-reports.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { LOOKED_UP_FOR, postOnPulls } from './pulls.ts';
import { withRecalled } from './recalled.ts';
import { postMissing, type Sending, takenOver } from './sending.ts';
import { statusesOf, type WantedStatus } from './statuses.ts';

export interface StatusPorts {
  forges: Map<string, Forge>;
  reports: CommitReportStore;
  refused: Pick<RefusedReports, 'refuse'>;
  deliveries: Pick<Deliveries, 'pullsOf'>;
  mirrors: Mirrors;
  /** The address of a release's page. Undefined: its project has no links. */
  linkTo: (release: string, repository: RepositoryId) => Promise<string | undefined>;
  log: Logger;
}

/**
 * Posts the present statuses of a commit on the commit itself and on the head of every pull request that brought it.
 * Reads the state when it sends, so nothing stale is sent; a status that the forge already has is not sent again. Of two
 * senders of one report the earlier one ends with LEASE_LOST, and if it has posted, the report is sent once more.
 *
 * `refused`: the forge refused the credentials, so the report waits until they are mended. Throws FORGE_UNREACHABLE and
 * GIT_UNREACHABLE, to be retried.
 */
export async function sendStatuses(
  key: CommitReportKey,
  ports: StatusPorts,
  signal: AbortSignal,
): Promise<'sent' | 'refused'> {
  const { reports, log } = ports;
  const forge = ports.forges.get(splitRepository(key.repository).forge);
  const begun = await reports.begin(key);
  const { report } = begun;
  if (!forge || !report.isKnown) {
    const reason = forge ? 'it is no longer kept' : 'server.yaml no longer has this forge';
    log.warn({ ...key, reason }, 'commit report dropped');
    await reports.settle(key, begun, false);
    return 'sent';
  }
  const sending: Sending = { key, forge, begun, signal, ports, isTaken: false, unsure: undefined };
  try {
    const statuses = await withRecalled(sending, report, statusesOf(key, report));
    const wanted = await Promise.all(statuses.map((status) => complete(key, status, ports)));
    await postMissing(sending, key.commit, wanted);
    await postOnPulls(sending, wanted, report.branch);
  } catch (error) {
    await interrupt(sending);
    const { code, message: reason, hint, failure } = toSlipwayError(error);
    if (code !== 'FORGE_REFUSED') throw error;
    const first = await ports.refused.refuse(key, begun.changedAt, failure);
    log[first ? 'error' : 'warn']({ ...key, code, reason, hint }, 'statuses refused until access is mended');
    return 'refused';
  }
  if (!(await reports.settle(key, begun, sending.isTaken))) throw takenOver(key);
  return 'sent';
}

/** If Redis is away too, the next sender finds a sending that has not ended, and posts all statuses. */
async function interrupt({ key, begun, unsure, ports }: Sending): Promise<void> {
  const fields = unsure === undefined ? [] : [unsure, LOOKED_UP_FOR];
  await ports.reports.interrupt(key, begun.token, fields).catch(() => undefined);
}

async function complete(
  { repository, commit }: CommitReportKey,
  { release, supersededBy, ...status }: WantedStatus,
  ports: StatusPorts,
): Promise<CommitStatus> {
  const url = release === undefined ? undefined : await ports.linkTo(release, repository);
  if (status.state !== 'superseded' || supersededBy === undefined) return { ...status, url };
  return { ...status, url, inSuccessor: await isIn(supersededBy, repository, commit, ports) };
}

/** Whether the successor contains the commit. An error is retried, never guessed: the status is the commit's last. */
async function isIn(
  successor: string,
  repository: RepositoryId,
  commit: string,
  { mirrors }: StatusPorts,
): Promise<boolean> {
  const mirror = mirrors.open(repository);
  try {
    await Promise.all([mirror.ensure(commit), mirror.ensure(successor)]);
    return await mirror.isAncestor(commit, successor);
  } catch (error) {
    const known = toSlipwayError(error);
    if (known.retryable) throw known;
    // The forge may no longer have a commit that a force push dropped: then nothing that runs contains it.
    return false;
  }
}
