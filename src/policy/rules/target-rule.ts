import type { Matches } from '../../config/pattern.ts';
import type { ClusterRule, OperatorRules, ProjectConfig } from '../../config/server-config.ts';
import { SlipwayError } from '../../errors.ts';
import { shortName, type Target } from '../../model/target.ts';
import { projectOf } from '../allowed-repositories.ts';

/** What the operator allows one target: the project's rule for its cluster. */
export interface TargetRule extends ClusterRule {
  project: ProjectConfig;
  cluster: string;
  /** No project may write to it, whatever its patterns allow. */
  stateNamespace: string;
  matches: Matches;
}

export interface Refusal {
  rule: string;
  message: string;
  hint: string;
}

/** The rule that admits the target's repository, cluster, branch and namespace. Throws RULE_REFUSED. */
export function ruleOf(config: OperatorRules, target: Target, matches: Matches): TargetRule {
  const rule = findRule(config, target, matches);
  const [refused] = refusalsOf(rule, target);
  if (refused) throw refused;
  return rule;
}

/** The project's rule for the target's cluster. Throws RULE_REFUSED if there is none. */
export function findRule(config: OperatorRules, target: Target, matches: Matches): TargetRule {
  const project = projectOf(config, target.repository, matches);
  const cluster = own(config.clusters, target.cluster);
  const rule = own(project.clusters, target.cluster);
  if (!cluster) {
    const message = `${shortName(target)}: server.yaml has no cluster "${target.cluster}"`;
    const hint = `Name one of ${list(Object.keys(project.clusters))} in slipway.yaml.`;
    throw new SlipwayError('RULE_REFUSED', message, { hint });
  }
  if (!rule) {
    const message = `${shortName(target)}: project "${project.name}" may not deploy to cluster ${target.cluster}`;
    const hint = `Ask the operator for projects.${project.name}.clusters.${target.cluster} in server.yaml.`;
    throw new SlipwayError('RULE_REFUSED', message, { hint });
  }
  return { ...rule, project, cluster: target.cluster, stateNamespace: cluster.stateNamespace, matches };
}

/** Why the rule does not admit the target: its branch, its namespace, or both. */
export function refusalsOf(rule: TargetRule, target: Target): SlipwayError[] {
  const refusals = [branchRefusal(rule, target.branch), namespaceRefusal(rule, target.namespace)];
  return refusals.flatMap((refusal) =>
    refusal
      ? [new SlipwayError('RULE_REFUSED', `${shortName(target)}: ${refusal.message}`, { hint: refusal.hint })]
      : [],
  );
}

function branchRefusal(rule: TargetRule, branch: string): Refusal | undefined {
  if (rule.matches(rule.branches, branch)) return undefined;
  return {
    rule: 'branch',
    message: `branch ${branch} may not be deployed to cluster ${rule.cluster}`,
    hint: `Allowed are ${list(rule.branches)}; ask the operator to extend ${pathOf(rule)}.branches in server.yaml.`,
  };
}

/** Why the project may not write to the namespace; undefined if it may. */
export function namespaceRefusal(rule: TargetRule, namespace: string): Refusal | undefined {
  if (namespace === rule.stateNamespace) {
    return {
      rule: 'state-namespace',
      message: `namespace ${namespace} is Slipway's own`,
      hint: 'Choose another namespace: this one holds the inventories of all projects.',
    };
  }
  if (rule.matches(rule.namespaces, namespace)) return undefined;
  return {
    rule: 'namespace',
    message: `project "${rule.project.name}" may not write to namespace ${namespace} of cluster ${rule.cluster}`,
    hint: `Allowed are ${list(rule.namespaces)}; ask the operator to extend ${pathOf(rule)}.namespaces in server.yaml.`,
  };
}

/** The rule's path in server.yaml. */
export function pathOf(rule: TargetRule): string {
  return `projects.${rule.project.name}.clusters.${rule.cluster}`;
}

/** A stranger chose the name: `constructor`, which every object has, is not a rule. */
function own<Value>(record: Record<string, Value>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function list(words: readonly string[]): string {
  return words.length > 0 ? words.join(', ') : 'none';
}
