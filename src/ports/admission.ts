import type { SlipwayError } from '../errors.ts';
import type { FieldRule } from '../model/field-rule.ts';
import type { RepositoryId, Target } from '../model/target.ts';

/** What the operator grants a target that may be deployed. */
export interface Admitted {
  /** The account to act as; undefined: Slipway's own. */
  impersonate?: string | undefined;
  createNamespaces: boolean;
  /** The share (0 to 1) of a target's objects that one release may delete without confirmation. */
  maxPruneShare: number;
  /** Fields whose values are never shown. */
  mask: FieldRule[];
}

/** Who may deploy where, by the projects of server.yaml. What may be deployed there is the policy's question. */
export interface Admission {
  /** Throws the first of `refusals`. */
  admit(target: Target): Admitted;
  /** Every reason why the target may not be deployed, each a RULE_REFUSED; empty if it may. */
  refusals(target: Target): SlipwayError[];
  /** Throws RULE_REFUSED unless one project has both repositories: only then may apps of one wait for the other's. */
  admitDependency(repository: RepositoryId, other: RepositoryId): void;
  /** Whether one project has both repositories: only then may one take over the other's objects without `adopt`. */
  isSameProject(one: RepositoryId, other: RepositoryId): boolean;
}
