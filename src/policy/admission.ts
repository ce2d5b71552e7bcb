import { createMatches } from '../config/pattern.ts';
import type { OperatorRules } from '../config/server-config.ts';
import { toSlipwayError } from '../errors.ts';
import type { Admission } from '../ports/admission.ts';
import { isSameProject, refuseOutside } from './allowed-repositories.ts';
import { findRule, refusalsOf, ruleOf } from './rules/target-rule.ts';

/** Answers from the projects of server.yaml who may deploy where. */
export function createAdmission(config: OperatorRules): Admission {
  const matches = createMatches();
  return {
    admit(target) {
      const { impersonate, createNamespaces, maxPruneShare = 1, project } = ruleOf(config, target, matches);
      return { impersonate, createNamespaces, maxPruneShare, mask: project.mask };
    },
    refusals(target) {
      try {
        return refusalsOf(findRule(config, target, matches), target);
      } catch (error) {
        return [toSlipwayError(error)];
      }
    },
    admitDependency(repository, other) {
      refuseOutside(config, repository, other, matches);
    },
    isSameProject: (one, other) => isSameProject(config, one, other, matches),
  };
}
