import type { RenderedObject } from '../model/object.ts';
import type { Target } from '../model/target.ts';
import type { Violation } from '../model/violation.ts';
import type { Cluster } from './cluster.ts';

export interface AssignedObjects {
  /** Objects with an identity: namespaced ones have a namespace, cluster-scoped ones have none. */
  objects: RenderedObject[];
  /** Objects that no rule can be asked about: malformed, of an unknown kind, or defined twice. */
  violations: Violation[];
}

/** Decides what may be applied: first each object gets its namespace, then every engine evaluates all objects. */
export interface Policy {
  /** Throws CLUSTER_UNREACHABLE if the cluster cannot say whether a kind is namespaced. */
  assignNamespaces(
    target: Target,
    objects: RenderedObject[],
    cluster: Pick<Cluster, 'isNamespaced' | 'unknownKind'>,
  ): Promise<AssignedObjects>;
  /** Every violation of every engine; the objects have their namespaces. Throws RULE_REFUSED for a target not admitted. */
  evaluate(target: Target, objects: RenderedObject[]): Promise<Violation[]>;
  /**
   * A hash over what the engines know for this target: equal content under an equal policy key has equal violations.
   * Throws RULE_REFUSED for a target that is not admitted.
   */
  keyOf(target: Target): string;
}
