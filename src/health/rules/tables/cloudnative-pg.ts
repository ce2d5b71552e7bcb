import { each, type HealthTable, nothingToWaitFor } from '../table.ts';

/** Phases, as its API names them, from which the operator does not recover by itself. */
const unrecoverable = [
  'Cluster is unrecoverable and needs manual intervention',
  'Cluster is in an unrecoverable state, needs manual intervention',
  'Cluster has incomplete or invalid image catalog',
  'Cluster cannot execute instance online upgrade due to missing architecture binary',
  'Cluster cannot proceed to reconciliation due to an unknown plugin being required',
  'Unable to create required cluster objects',
];

const reason = '(has(status.phaseReason) && status.phaseReason != "" ? ": " + status.phaseReason : "")';

export const cloudNativePg: HealthTable = {
  project: 'CloudNativePG',
  sources: [
    'https://cloudnative-pg.io/documentation/current/cloudnative-pg.v1/',
    'https://github.com/cloudnative-pg/cloudnative-pg/blob/main/api/v1/cluster_types.go',
  ],
  kinds: {
    // A supervised cluster waits for a person to switch over, so a release does not wait for it.
    'Cluster.postgresql.cnpg.io': {
      suspended:
        'status.phase == "Waiting for user action" || metadata.annotations["cnpg.io/hibernation"] == "on" || ' +
        'metadata.annotations["cnpg.io/reconciliationLoop"] == "disabled"',
      failed: `status.phase in ${JSON.stringify(unrecoverable)}`,
      failing:
        'status.phase in ["Not enough disk space", "Cluster cannot proceed to reconciliation due to an error while interacting with plugins"]',
      healthy: 'status.phase == "Cluster in healthy state" && status.readyInstances == spec.instances',
      message: `string(has(status.readyInstances) ? status.readyInstances : 0) + " of " + string(spec.instances) + " instances ready, " + status.phase + ${reason}`,
    },
    'Backup.postgresql.cnpg.io': {
      failed: 'status.phase in ["failed", "invalid backup definition"]',
      failing: 'status.phase == "walArchivingFailing"',
      healthy: 'status.phase == "completed"',
      message: 'status.phase + (has(status.error) ? ": " + status.error : "")',
    },
    'ScheduledBackup.postgresql.cnpg.io': { suspended: 'spec.suspend == true', ...nothingToWaitFor },
    'Pooler.postgresql.cnpg.io': {
      suspended: 'spec.paused == true',
      healthy: 'status.instances == spec.instances',
      message: 'string(status.instances) + " of " + string(spec.instances) + " instances"',
    },
    // They are not applied while their Cluster starts, either.
    ...each(
      ['Database.postgresql.cnpg.io', 'Publication.postgresql.cnpg.io', 'Subscription.postgresql.cnpg.io'],
      {
        healthy: 'status.applied == true',
        message: 'status.applied ? "applied" : status.message',
      },
    ),
    ...each(['ImageCatalog.postgresql.cnpg.io', 'ClusterImageCatalog.postgresql.cnpg.io'], nothingToWaitFor),
  },
};
