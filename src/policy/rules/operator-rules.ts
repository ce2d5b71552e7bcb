import { LRUCache } from 'lru-cache';
import { createMatches } from '../../config/pattern.ts';
import type { OperatorRules } from '../../config/server-config.ts';
import { groupKind, groupOf, type KubeObject, type RenderedObject, refOf } from '../../model/object.ts';
import type { Violation } from '../../model/violation.ts';
import type { PolicyEngine } from '../engine.ts';
import { namespaceRefusal, pathOf, type Refusal, ruleOf, type TargetRule } from './target-rule.ts';

const ENGINE = 'operator';

/** Repositories and clusters whose rules are kept as text: a few hundred bytes each. */
const MOST_KNOWN = 10_000;

/** The engine of server.yaml: namespaces and cluster-scoped kinds that a project may write. */
export function createOperatorRules(config: OperatorRules): PolicyEngine {
  const matches = createMatches();
  const known = new LRUCache<string, string>({ max: MOST_KNOWN });
  return {
    name: ENGINE,
    async evaluate(target, objects) {
      const rule = ruleOf(config, target, matches);
      return objects.flatMap((rendered) => violationsOf(rendered, rule));
    },
    knowledge(target) {
      const key = JSON.stringify([target.repository, target.cluster]);
      const text = known.get(key) ?? textOf(ruleOf(config, target, matches));
      known.set(key, text);
      return text;
    },
  };
}

/** What `violationsOf` reads of a rule; patterns are a set, so their order is not part of it. */
function textOf({ cluster, stateNamespace, namespaces, createNamespaces, project }: TargetRule): string {
  const clusterScoped = project.clusterScoped.toSorted();
  return JSON.stringify([cluster, stateNamespace, namespaces.toSorted(), createNamespaces, clusterScoped]);
}

/** After the assignment, an object without a namespace is a cluster-scoped one. */
function violationsOf({ object, source }: RenderedObject, rule: TargetRule): Violation[] {
  const refusal =
    object.metadata.namespace === undefined
      ? clusterScopedRefusal(object, rule)
      : namespaceRefusal(rule, object.metadata.namespace);
  if (!refusal) return [];
  return [{ engine: ENGINE, mode: 'enforce', object: refOf(object), place: source, ...refusal }];
}

function clusterScopedRefusal(object: KubeObject, rule: TargetRule): Refusal | undefined {
  if (isNamespace(object)) return namespaceObjectRefusal(object, rule);
  const kind = groupKind({ group: groupOf(object.apiVersion), kind: object.kind });
  if (rule.project.clusterScoped.includes(kind)) return undefined;
  return {
    rule: 'cluster-scoped',
    message: `project "${rule.project.name}" may not write ${kind}, a cluster-scoped kind`,
    hint: `Ask the operator to add "${kind}" to projects.${rule.project.name}.clusterScoped in server.yaml.`,
  };
}

/** Namespaces have a rule of their own: a project may create those it may write to, if it may create any. */
function namespaceObjectRefusal(object: KubeObject, rule: TargetRule): Refusal | undefined {
  const name = object.metadata.name ?? '';
  if (name === rule.stateNamespace) return namespaceRefusal(rule, name);
  if (rule.project.clusterScoped.includes('Namespace')) return undefined;
  if (rule.createNamespaces) return namespaceRefusal(rule, name);
  return {
    rule: 'create-namespace',
    message: `project "${rule.project.name}" may not create namespaces on cluster ${rule.cluster}`,
    hint: rule.matches(rule.namespaces, name)
      ? `Ask the operator to create it, or for ${pathOf(rule)}.createNamespaces in server.yaml.`
      : 'Remove the object: this project may not write to that namespace either.',
  };
}

function isNamespace(object: KubeObject): boolean {
  return groupOf(object.apiVersion) === '' && object.kind === 'Namespace';
}
