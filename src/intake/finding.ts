import type { SlipwayConfig } from '../config/slipway-schema.ts';
import type { SlipwayError } from '../errors.ts';
import type { CommitReportLine } from '../model/commit-report.ts';
import type { RepositoryId, Target } from '../model/target.ts';
import type { Tree } from '../model/tree.ts';

/** A target that may be deployed, with the key of its content. */
export interface KeyedTarget {
  target: Target;
  commit: string;
  contentKey: string;
  policyKey?: string | undefined;
}

/** What one branch's head holds for the environments that follow it. */
export interface BranchFinding {
  branch: string;
  commit: string;
  environments: string[];
  /** Its slipway.yaml, where it has a valid one. */
  config?: SlipwayConfig | undefined;
  targets: KeyedTarget[];
  /** Targets that are not deployed at this commit, with the reason: refused by a rule, folder missing. */
  held: CommitReportLine[];
  /** slipway.yaml of this branch is invalid or missing: nothing of the branch moves. */
  invalid?: SlipwayError | undefined;
}

/** What a finding was concluded from, beside the files. */
export interface FindingSource {
  repository: RepositoryId;
  /** Of the default branch. */
  environments: SlipwayConfig;
  /** The branch's own. */
  own: SlipwayConfig;
  tree: Tree;
}
