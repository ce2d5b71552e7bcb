import type { FieldRule } from '../model/field-rule.ts';
import type { RenderedObject } from '../model/object.ts';
import type { RepositoryId, Target } from '../model/target.ts';
import type { Cluster } from './cluster.ts';

/** The operator's rules for one target: what check/guards computes from server.yaml. Throws RULE_REFUSED. */
export interface Guards {
  /** The account to use and whether namespaces may be made; throws where no project allows the target. */
  admit(target: Target): {
    impersonate?: string | undefined;
    createNamespaces: boolean;
    maxPruneShare: number;
    mask: FieldRule[];
  };
  /** Whether apps of one repository may wait for those of another: both are of one project, or RULE_REFUSED. */
  admitDependency(repository: RepositoryId, other: RepositoryId): void;
  /** Whether one project has both: only then one takes over from the other without being told to. */
  sameProject(one: RepositoryId, other: RepositoryId): boolean;
  /** Every object against namespaces and cluster-scoped kinds, before anything is applied; sets the default namespace. */
  check(
    target: Target,
    objects: RenderedObject[],
    cluster: Pick<Cluster, 'isNamespaced' | 'unknownKind'>,
  ): Promise<RenderedObject[]>;
}
