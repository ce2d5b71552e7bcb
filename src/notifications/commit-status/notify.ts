import { toSlipwayError } from '../../errors.ts';
import type { CommitReportKey } from '../../model/commit-report.ts';
import { type RepositoryId, splitRepository } from '../../model/target.ts';
import type { CommitReportStore } from '../../ports/commit-reports.ts';
import type { Deliveries } from '../../ports/deliveries.ts';
import type { CommitStatus, Forge } from '../../ports/forge.ts';
import type { Mirrors } from '../../ports/git.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { statusesOf, type WantedStatus } from './statuses.ts';

export interface NotifyPorts {
  forges: Map<string, Forge>;
  reports: CommitReportStore;
  deliveries: Pick<Deliveries, 'pullsOf'>;
  mirrors: Mirrors;
  /** The signed address of a release's page. */
  linkTo: (release: string) => string;
  log: Logger;
}

/**
 * What was said when the forge was last asked for the pull requests: it is not asked again before there is something
 * new to say. The releases of a large push end many times a second, and forges limit what is asked in an hour.
 */
const PULLS = 'pull requests';

/**
 * Says on the commit, and on the head of every pull request that brought it, what is true now. Reads the state
 * when it sends, so nothing stale is ever sent, and says nothing twice. Throws FORGE_UNREACHABLE to be repeated.
 */
export async function notify(key: CommitReportKey, ports: NotifyPorts, signal: AbortSignal): Promise<void> {
  const forge = ports.forges.get(splitRepository(key.repository).forge);
  if (!forge) {
    ports.log.warn({ ...key }, 'answer dropped: server.yaml no longer has this forge');
    return ports.reports.settle(key, await ports.reports.changedAt(key));
  }
  const changedAt = await ports.reports.changedAt(key);
  const [report, sent] = await Promise.all([ports.reports.read(key), ports.reports.sent(key)]);
  const wanted = await Promise.all(statusesOf(key, report).map((status) => finish(key, status, ports)));
  const tell = async (commit: string) => {
    for (const status of wanted) {
      const said = `${status.state} ${status.description}`;
      if (sent[`${commit} ${status.context}`] === said) continue;
      await post(forge, key, commit, status, ports, signal);
      await ports.reports.markSent(key, `${commit} ${status.context}`, said);
    }
  };
  await tell(key.commit);
  const all = wanted
    .map(({ context, state, description }) => `${context} ${state} ${description}`)
    .join('\n');
  const branch = sent[PULLS] === all ? undefined : report.branch;
  for (const head of await pullHeads(key, branch, forge, ports, signal)) {
    if (head !== key.commit) await tell(head);
  }
  if (branch !== undefined) await ports.reports.markSent(key, PULLS, all);
  await ports.reports.settle(key, changedAt);
}

async function finish(
  { repository, commit }: CommitReportKey,
  { release, supersededBy, ...status }: WantedStatus,
  ports: NotifyPorts,
): Promise<CommitStatus> {
  const url = release === undefined ? undefined : ports.linkTo(release);
  if (status.state !== 'superseded' || supersededBy === undefined) return { ...status, url };
  return { ...status, url, inSuccessor: await isIn(supersededBy, repository, commit, ports) };
}

/** Whether the successor contains the commit. What cannot be asked now is asked again: the answer stands for good. */
async function isIn(
  successor: string,
  repository: RepositoryId,
  commit: string,
  { mirrors }: NotifyPorts,
): Promise<boolean> {
  const mirror = mirrors.open(repository);
  try {
    await Promise.all([mirror.ensure(commit), mirror.ensure(successor)]);
  } catch (error) {
    const known = toSlipwayError(error);
    if (known.retryable) throw known;
    // A commit that a force push dropped may be gone from the forge: then it is in nothing that runs.
    return false;
  }
  return mirror.isAncestor(commit, successor);
}

/**
 * From the merged webhook, else asked from the forge where a branch is given; a forge that cannot say must not hold up
 * the commit itself.
 */
async function pullHeads(
  { repository, commit }: CommitReportKey,
  branch: string | undefined,
  forge: Forge,
  { deliveries, log }: NotifyPorts,
  signal: AbortSignal,
): Promise<string[]> {
  const told = await deliveries.pullsOf(repository, commit);
  if (told.length > 0 || branch === undefined) return told.map(({ head }) => head);
  try {
    return (await forge.pullsOf(repository, commit, branch, signal)).map(({ head }) => head);
  } catch (error) {
    const known = toSlipwayError(error);
    if (known.retryable) throw known;
    log.warn({ repository, commit, reason: known.message }, 'pull requests of a commit not known');
    return [];
  }
}

/** What the forge refuses for good is logged and not repeated for ever; the release page still says it. */
async function post(
  forge: Forge,
  { repository }: CommitReportKey,
  commit: string,
  status: CommitStatus,
  { log }: NotifyPorts,
  signal: AbortSignal,
): Promise<void> {
  try {
    await forge.postStatus(repository, commit, status, signal);
  } catch (error) {
    const known = toSlipwayError(error);
    if (known.retryable) throw known;
    log.error(
      { repository, commit, context: status.context, code: known.code, reason: known.message },
      'status refused',
    );
  }
}
