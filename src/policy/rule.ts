import type { Matches } from '../config/pattern.ts';
import type { ClusterRule, OperatorRules, ProjectConfig } from '../config/server-config.ts';
import { SlipwayError } from '../errors.ts';
import { shortName, type Target } from '../model/target.ts';
import { projectOf } from './allowed-repositories.ts';

/** What the operator allows one target: the project's rule for its cluster. */
export interface TargetRule extends ClusterRule {
  project: ProjectConfig;
  cluster: string;
  /** Where no tenant may write, whatever the patterns say. */
  stateNamespace: string;
  matches: Matches;
}

/** The rule that admits the target: repository, cluster, branch and namespace. Throws RULE_REFUSED. */
export function ruleOf(config: OperatorRules, target: Target, matches: Matches): TargetRule {
  const project = projectOf(config, target.repository, matches);
  const rule = { ...clusterRuleOf(config, project, target), matches };
  const where = `projects.${project.name}.clusters.${target.cluster}`;
  if (!matches(rule.branches, target.branch)) {
    throw new SlipwayError(
      'RULE_REFUSED',
      `${shortName(target)}: branch ${target.branch} may not be deployed to cluster ${target.cluster}`,
      { hint: `Allowed are ${list(rule.branches)}; ask the operator to extend ${where}.branches.` },
    );
  }
  const refusal = namespaceRefusal(rule, target.namespace);
  if (refusal) throw new SlipwayError('RULE_REFUSED', `${shortName(target)}: ${refusal.message}`, refusal);
  return rule;
}

function clusterRuleOf(
  config: OperatorRules,
  project: ProjectConfig,
  target: Target,
): Omit<TargetRule, 'matches'> {
  const cluster = own(config.clusters, target.cluster);
  const rule = own(project.clusters, target.cluster);
  if (!cluster) {
    throw new SlipwayError(
      'RULE_REFUSED',
      `${shortName(target)}: server.yaml has no cluster "${target.cluster}"`,
      { hint: `Name one of ${list(Object.keys(project.clusters))} in slipway.yaml.` },
    );
  }
  if (!rule) {
    throw new SlipwayError(
      'RULE_REFUSED',
      `${shortName(target)}: project "${project.name}" may not deploy to cluster ${target.cluster}`,
      { hint: `Ask the operator for projects.${project.name}.clusters.${target.cluster} in server.yaml.` },
    );
  }
  return { ...rule, project, cluster: target.cluster, stateNamespace: cluster.stateNamespace };
}

/** A stranger chose the name: what every object has, `constructor`, is no rule. */
function own<Value>(record: Record<string, Value>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** Why nothing may be written to the namespace, or undefined. */
export function namespaceRefusal(
  rule: TargetRule,
  namespace: string,
): { message: string; hint: string } | undefined {
  if (namespace === rule.stateNamespace) {
    return {
      message: `namespace ${namespace} is Slipway's own`,
      hint: 'Choose another namespace: this one holds the inventories of all projects.',
    };
  }
  if (rule.matches(rule.namespaces, namespace)) return undefined;
  return {
    message: `project "${rule.project.name}" may not write to namespace ${namespace} of cluster ${rule.cluster}`,
    hint: `Allowed are ${list(rule.namespaces)}; ask the operator to extend ${pathOf(rule)}.namespaces in server.yaml.`,
  };
}

/** Where the rule stands in server.yaml. */
export function pathOf(rule: TargetRule): string {
  return `projects.${rule.project.name}.clusters.${rule.cluster}`;
}

function list(words: readonly string[]): string {
  return words.length > 0 ? words.join(', ') : 'none';
}
