import type { HeldEnvironment, SlipwayConfig } from '../config/slipway-schema.ts';
import type { SlipwayError } from '../errors.ts';
import type { CommitReportLine } from '../model/commit-report.ts';
import type { RepositoryId, Target } from '../model/target.ts';
import type { Tree } from '../model/tree.ts';

/** A target that may be deployed, with the keys of its content and of the policy. */
export interface KeyedTarget {
  target: Target;
  commit: string;
  contentKey: string;
  policyKey?: string | undefined;
}

/** What the head of one branch defines for the environments that follow it. */
export interface BranchFinding {
  branch: string;
  commit: string;
  environments: string[];
  /** Environments with a mistake in the default branch's slipway.yaml that this head is told about: those of the branch, and of
   * the default branch all. Nothing of them moves. */
  heldEnvironments?: HeldEnvironment[] | undefined;
  /** Its slipway.yaml, if it has a valid one. */
  config?: SlipwayConfig | undefined;
  targets: KeyedTarget[];
  /** Targets that are not deployed at this commit, with the reason: not admitted, folder missing. */
  held: CommitReportLine[];
  /** slipway.yaml of this branch is invalid or missing: nothing of the branch moves. */
  invalid?: SlipwayError | undefined;
}

/** What a finding was derived from, beside the files. */
export interface FindingSource {
  repository: RepositoryId;
  /** slipway.yaml of the default branch. */
  environments: SlipwayConfig;
  /** slipway.yaml of the branch itself. */
  own: SlipwayConfig;
  tree: Tree;
}

/**
 * The environments that the branch reports on: those that follow it, and those of targets that are to be removed, which
 * may have followed another one.
 */
export function scopesOf({ environments, targets }: BranchFinding): string[] {
  return [...new Set([...environments, ...targets.map(({ target }) => target.environment)])];
}
