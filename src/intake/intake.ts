import type { Delivery } from '../model/delivery.ts';
import type { Cause } from '../model/release.ts';
import type { RepositoryId } from '../model/target.ts';
import type { Found } from '../ports/desired.ts';
import { answerHeads } from './answer-heads.ts';
import { branchOf, endDeliveries, endUnfollowed } from './end-deliveries.ts';
import { type BranchFinding, findTargets } from './find-targets.ts';
import { lookAtHeads } from './heads.ts';
import type { IntakePorts } from './ports.ts';

export interface IntakeResult {
  /** `moved`, `unmoved`, or `late`: an intake that began later has already written. */
  result: 'moved' | 'unmoved' | 'late';
  targets: number;
}

/**
 * One look at a repository: heads from Git → slipway.yaml → targets whose content key moved → desired. Throws
 * only what is worth repeating; deliveries then go on waiting, so nothing is lost.
 */
export async function intake(
  repository: RepositoryId,
  ports: IntakePorts,
  signal: AbortSignal,
): Promise<IntakeResult> {
  const [claimed, state, sequence] = await Promise.all([
    ports.deliveries.claim(repository),
    ports.repositories.read(repository),
    // Before the fetch: an intake that stalls after it holds a lower number than the one that overtakes it.
    ports.desired.nextSequence(repository),
  ]);
  const waiting = await endUnfollowed(claimed, state, ports);
  if (claimed.length > 0 && waiting.length === 0) return { result: 'unmoved', targets: 0 };
  const heads = await lookAtHeads(ports.mirrors.open(repository), state, signal);
  const findings = await findTargets(repository, heads, ports);
  const moved = await ports.desired.setDesired(repository, sequence, foundOf(findings, waiting));
  if (!moved) return { result: 'late', targets: 0 };

  // The bell first: what is left to say does not hold up the deploy.
  if (moved.length > 0) await ports.bells.ringDeploy(moved);
  await answerHeads(repository, findings, moved, state, ports);
  await ports.repositories.write(repository, {
    defaultBranch: heads.defaultBranch,
    heads: Object.fromEntries(heads.heads),
    config: heads.text,
  });
  await endDeliveries(repository, waiting, heads, findings, moved, ports);
  return { result: moved.length > 0 ? 'moved' : 'unmoved', targets: moved.length };
}

function foundOf(findings: BranchFinding[], waiting: Delivery[]): Found[] {
  return findings.flatMap((finding) => {
    if (finding.invalid) return [];
    const cause = causeOf(finding.branch, waiting);
    return finding.targets.map((target, index) => ({ ...target, cause, index }));
  });
}

/** The newest delivery about the branch says who caused it. */
function causeOf(branch: string, waiting: Delivery[]): Cause {
  const delivery = waiting.findLast(({ ref }) => branchOf(ref) === branch);
  if (!delivery) return { kind: 'poll' };
  return { kind: delivery.kind === 'poll' ? 'poll' : 'push', by: delivery.sender, delivery: delivery.id };
}
