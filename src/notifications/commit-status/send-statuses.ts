import { toSlipwayError } from '../../errors.ts';
import type { CommitReportKey } from '../../model/commit-report.ts';
import { type RepositoryId, splitRepository } from '../../model/target.ts';
import type { CommitReportStore } from '../../ports/commit-reports.ts';
import type { Deliveries } from '../../ports/deliveries.ts';
import type { CommitStatus, Forge } from '../../ports/forge.ts';
import type { Mirrors } from '../../ports/git.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { statusesOf, type WantedStatus } from './statuses.ts';

export interface StatusPorts {
  forges: Map<string, Forge>;
  reports: CommitReportStore;
  deliveries: Pick<Deliveries, 'pullsOf'>;
  mirrors: Mirrors;
  /** The signed address of a release's page. */
  linkTo: (release: string) => string;
  log: Logger;
}

/**
 * The name under which it is kept which statuses the pull requests of a commit were last looked up for. Until these
 * change, the forge is not asked again: the releases of a large push end many times a second, and forges limit requests.
 */
const PULLS = 'pull requests';

/**
 * Posts the present statuses of a commit on the commit itself and on the head of every pull request that brought it.
 * Reads the state when it sends, so nothing stale is sent; a status that the forge already has is not sent again.
 * Throws FORGE_UNREACHABLE and GIT_UNREACHABLE, to be retried.
 */
export async function sendStatuses(
  key: CommitReportKey,
  ports: StatusPorts,
  signal: AbortSignal,
): Promise<void> {
  const forge = ports.forges.get(splitRepository(key.repository).forge);
  if (!forge) {
    ports.log.warn({ ...key }, 'commit report dropped: server.yaml no longer has this forge');
    return ports.reports.settle(key, await ports.reports.changedAt(key));
  }
  const changedAt = await ports.reports.changedAt(key);
  const [report, sent] = await Promise.all([ports.reports.read(key), ports.reports.sent(key)]);
  const wanted = await Promise.all(statusesOf(key, report).map((status) => complete(key, status, ports)));
  const postAll = async (commit: string) => {
    for (const status of wanted) {
      const text = `${status.state} ${status.description}`;
      if (sent[`${commit} ${status.context}`] === text) continue;
      await post(forge, key, commit, status, ports, signal);
      await ports.reports.markSent(key, `${commit} ${status.context}`, text);
    }
  };
  await postAll(key.commit);
  const all = wanted
    .map(({ context, state, description }) => `${context} ${state} ${description}`)
    .join('\n');
  const branch = sent[PULLS] === all ? undefined : report.branch;
  for (const head of await pullHeads(key, branch, forge, ports, signal)) {
    if (head !== key.commit) await postAll(head);
  }
  if (branch !== undefined) await ports.reports.markSent(key, PULLS, all);
  await ports.reports.settle(key, changedAt);
}

async function complete(
  { repository, commit }: CommitReportKey,
  { release, supersededBy, ...status }: WantedStatus,
  ports: StatusPorts,
): Promise<CommitStatus> {
  const url = release === undefined ? undefined : ports.linkTo(release);
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
  } catch (error) {
    const known = toSlipwayError(error);
    if (known.retryable) throw known;
    // The forge may no longer have a commit that a force push dropped: then nothing that runs contains it.
    return false;
  }
  return mirror.isAncestor(commit, successor);
}

/**
 * Heads of the pull requests that brought the commit: from the webhook of the merge, else from the forge if `branch` is
 * given. A forge that cannot name them does not hold up the commit itself.
 */
async function pullHeads(
  { repository, commit }: CommitReportKey,
  branch: string | undefined,
  forge: Forge,
  { deliveries, log }: StatusPorts,
  signal: AbortSignal,
): Promise<string[]> {
  const announced = await deliveries.pullsOf(repository, commit);
  if (announced.length > 0 || branch === undefined) return announced.map(({ head }) => head);
  try {
    return (await forge.pullsOf(repository, commit, branch, signal)).map(({ head }) => head);
  } catch (error) {
    const known = toSlipwayError(error);
    if (known.retryable) throw known;
    log.warn({ repository, commit, reason: known.message }, 'pull requests of a commit not known');
    return [];
  }
}

/** A status that the forge refuses for good is logged and not retried; the release page still shows the result. */
async function post(
  forge: Forge,
  { repository }: CommitReportKey,
  commit: string,
  status: CommitStatus,
  { log }: StatusPorts,
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
