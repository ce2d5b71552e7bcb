import { each, type HealthTable } from '../table.ts';

/** A condition of these categories is a problem while it is true. */
const problems = 'status.conditions.filter(c, c.status == "True" && c.category in ["Critical", "Error"])';

export const konveyor: HealthTable = {
  project: 'Konveyor',
  sources: [
    'https://github.com/kubev2v/forklift/blob/main/pkg/lib/condition/condition.go',
    'https://github.com/migtools/mig-controller/blob/master/pkg/apis/migration/v1alpha1/condition.go',
  ],
  kinds: each(
    [
      'MigPlan.migration.openshift.io',
      'MigCluster.migration.openshift.io',
      'MigStorage.migration.openshift.io',
      'Plan.forklift.konveyor.io',
      'Provider.forklift.konveyor.io',
      'NetworkMap.forklift.konveyor.io',
      'StorageMap.forklift.konveyor.io',
    ],
    {
      failing: `size(${problems}) > 0`,
      progressing: 'conditions.Executing.status == "True"',
      healthy: 'conditions.Ready.status == "True"',
      message:
        `has(status.conditions) && size(${problems}) > 0 ` +
        `? ${problems}[0].type + (has(${problems}[0].message) ? ": " + ${problems}[0].message : "") : ""`,
    },
  ),
};
