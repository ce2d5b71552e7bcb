import { followedBranches } from '../config/resolve-targets.ts';
import type { SlipwayError } from '../errors.ts';
import type { Delivery } from '../model/delivery.ts';
import { describeFailure } from '../model/describe-failure.ts';
import { describeOutcome } from '../model/describe-outcome.ts';
import type { RepositoryId } from '../model/target.ts';
import type { DeliveryEnding, WaitingDelivery } from '../ports/deliveries.ts';
import type { Moved } from '../ports/desired.ts';
import type { RepositoryState } from '../ports/repositories.ts';
import type { BranchFinding } from './finding.ts';
import { type Heads, isRefused, lastGoodConfig } from './heads.ts';
import type { IntakePorts } from './ports.ts';

const BRANCH = 'refs/heads/';

/** The branch's name; undefined for a tag, and if the event names no ref. */
export function branchOf(ref: string | undefined): string | undefined {
  return ref?.startsWith(BRANCH) ? ref.slice(BRANCH.length) : undefined;
}

/** Records what came of each delivery and why, down to the targets that it moved: none ends silently. */
export async function endDeliveries(
  repository: RepositoryId,
  waiting: Delivery[],
  heads: Heads,
  findings: BranchFinding[],
  moved: Moved[],
  ports: IntakePorts,
): Promise<void> {
  for (const [ref, group] of Map.groupBy(waiting, (delivery) => delivery.ref)) {
    const ids = group.map((delivery) => delivery.id);
    await ports.deliveries.end(ids, endingOf(ref, heads, findings, moved));
  }
  for (const finding of findings) {
    const announced = waiting.filter((delivery) => branchOf(delivery.ref) === finding.branch);
    await supersedeAnnounced(repository, announced, finding, ports);
  }
}

/**
 * Ends the deliveries of branches that no environment follows, without asking Git: busy repositories send many of them.
 * Returns the deliveries that remain.
 */
export async function endUnfollowed(
  waiting: WaitingDelivery[],
  state: RepositoryState | undefined,
  { deliveries, configs }: IntakePorts,
): Promise<WaitingDelivery[]> {
  const config = await lastGoodConfig(state, configs);
  if (!config) return waiting;
  const followed = [...followedBranches(config), state?.defaultBranch];
  const [remaining, others] = partition(waiting, ({ ref, defaultBranch }) => {
    const branch = branchOf(ref);
    if (defaultBranch !== undefined && defaultBranch !== state?.defaultBranch) return true;
    return ref === undefined || (branch !== undefined && followed.includes(branch));
  });
  for (const { id, ref } of others) {
    const branch = branchOf(ref);
    await deliveries.end([id], ignored(branch === undefined ? noBranch(ref) : unfollowedBranch(branch)));
  }
  return remaining;
}

/** Ends the deliveries of a repository that cannot be looked at. */
export async function failDeliveries(
  repository: RepositoryId,
  waiting: Delivery[],
  error: SlipwayError,
  { deliveries, log }: Pick<IntakePorts, 'deliveries' | 'log'>,
): Promise<void> {
  log.warn({ repository, code: error.code, reason: error.message, hint: error.hint }, 'intake failed');
  const ids = waiting.map(({ id }) => id);
  await deliveries.end(ids, { state: 'failed', outcome: describeFailure(error.failure), targets: [] });
}

function partition<T>(all: T[], test: (one: T) => boolean): [T[], T[]] {
  return [all.filter(test), all.filter((one) => !test(one))];
}

function endingOf(
  ref: string | undefined,
  heads: Heads,
  findings: BranchFinding[],
  moved: Moved[],
): DeliveryEnding {
  const branch = branchOf(ref);
  if (ref !== undefined && branch === undefined) return ignored(noBranch(ref));
  const concerned = branch === undefined ? findings : findings.filter((finding) => finding.branch === branch);
  const invalid = concerned.find((finding) => finding.invalid)?.invalid;
  if (invalid) return { state: 'failed', outcome: describeFailure(invalid.failure), targets: [] };
  if (!heads.environments) return ignored(noConfig(heads));
  if (concerned.length === 0) return ignored(unfollowed(branch, heads));
  return movedEnding(concerned, moved);
}

function noConfig({ config, defaultBranch }: Heads): string {
  const state = config instanceof Error ? `the slipway.yaml of ${defaultBranch} is invalid` : undefined;
  return `${state ?? `${defaultBranch} has no slipway.yaml`}: nothing to deploy`;
}

function unfollowed(branch: string | undefined, heads: Heads): string {
  if (branch === undefined) return 'no environment follows any branch';
  const followed = Object.values(heads.environments?.environments ?? {}).some((one) => one.branch === branch);
  if (followed) return `branch ${branch} does not exist any more: nothing is deployed or deleted`;
  return unfollowedBranch(branch);
}

function unfollowedBranch(branch: string): string {
  return `no environment follows branch ${branch}`;
}

function noBranch(ref: string | undefined): string {
  return `${ref} is not a branch: environments follow branches`;
}

function movedEnding(concerned: BranchFinding[], moved: Moved[]): DeliveryEnding {
  const all = concerned.flatMap((finding) => finding.targets.map(({ target }) => target.id));
  const concerning = moved.filter(({ target }) => all.includes(target));
  const [followed, others] = partition(concerning, ({ effect }) => effect === 'followed');
  const targets = others.map(({ target }) => target);
  const held = concerned.flatMap((finding) => finding.held);
  const parts = [
    ...(targets.length > 0 ? [`${targets.length} of ${all.length} targets moved`] : []),
    ...(followed.length > 0
      ? [`${followed.length} of ${all.length} targets are being deployed with this content`]
      : []),
  ];
  if (parts.length === 0) parts.push('nothing to deploy');
  parts.push(...held.slice(0, 3).map((line) => `${line.target}: ${describeOutcome(line)}`));
  for (const { name, failures } of concerned
    .flatMap((finding) => finding.heldEnvironments ?? [])
    .slice(0, 3)) {
    parts.push(...failures.slice(0, 1).map((failure) => `environment ${name}: ${describeFailure(failure)}`));
  }
  if (held.length > 3) parts.push(`${held.length - 3} more are held`);
  return { state: 'done', outcome: parts.join('; '), targets };
}

function ignored(outcome: string): DeliveryEnding {
  return { state: 'ignored', outcome, targets: [] };
}

/**
 * Reports on heads that a webhook announced and that a later push had already replaced. A payload can name any commit:
 * one that is not in the branch's history gets no word.
 */
async function supersedeAnnounced(
  repository: RepositoryId,
  announced: Delivery[],
  finding: BranchFinding,
  { mirrors, reports, wakeUps }: IntakePorts,
): Promise<void> {
  if (isRefused(finding.invalid)) return;
  const mirror = mirrors.open(repository);
  const skipped = new Set(
    announced.flatMap(({ commit }) => (commit && commit !== finding.commit ? [commit] : [])),
  );
  for (const commit of skipped) {
    if (!(await mirror.isAncestor(commit, finding.commit))) continue;
    for (const scope of finding.environments) {
      const key = { repository, commit, scope };
      if (!(await reports.has(key))) await reports.skip(key, finding.branch, finding.commit);
      // Also if it has a report already: a merge webhook that came later adds a pull request to report on.
      await wakeUps.enqueueReports([key]);
    }
  }
}
