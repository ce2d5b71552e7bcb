import { each, type HealthTable, phaseAndMessage } from '../table.ts';

export const rook: HealthTable = {
  project: 'Rook',
  sources: [
    'https://rook.io/docs/rook/latest/CRDs/specification/',
    'https://github.com/rook/rook/blob/master/pkg/apis/ceph.rook.io/v1/types.go',
  ],
  kinds: {
    // HEALTH_WARN is a running cluster with warnings.
    'CephCluster.ceph.rook.io': {
      failing: 'status.phase == "Failure" || status.ceph.health == "HEALTH_ERR"',
      healthy: 'status.phase in ["Ready", "Connected"] && status.ceph.health in ["HEALTH_OK", "HEALTH_WARN"]',
      message: 'status.phase + (has(status.ceph) ? ", " + status.ceph.health : "")',
    },
    ...each(
      [
        'CephBlockPool.ceph.rook.io',
        'CephFilesystem.ceph.rook.io',
        'CephObjectStore.ceph.rook.io',
        'CephObjectStoreUser.ceph.rook.io',
        'CephNFS.ceph.rook.io',
        'CephClient.ceph.rook.io',
      ],
      {
        failing: 'status.phase == "Failure"',
        healthy: 'status.phase in ["Ready", "Connected"]',
        message: phaseAndMessage,
      },
    ),
    'ObjectBucketClaim.objectbucket.io': {
      failing: 'status.phase == "Failed"',
      healthy: 'status.phase == "Bound"',
      message: 'status.phase',
    },
  },
};
