import { each, type HealthTable, nothingToWaitFor } from '../table.ts';

/** Custom resources of Kubernetes projects. */
export const kubernetesSigs: HealthTable = {
  project: 'Kubernetes: autoscaler, snapshots, JobSet',
  sources: [
    'https://github.com/kubernetes/autoscaler/blob/master/vertical-pod-autoscaler/docs/api.md',
    'https://kubernetes.io/docs/concepts/storage/volume-snapshots/',
    'https://jobset.sigs.k8s.io/docs/reference/jobset.v1alpha2/',
  ],
  kinds: {
    // The first recommendation takes minutes after the pods start; a release does not wait for it.
    'VerticalPodAutoscaler.autoscaling.k8s.io': {
      failed: 'conditions.ConfigUnsupported.status == "True"',
      healthy: 'true',
      message:
        'has(conditions.ConfigUnsupported) && conditions.ConfigUnsupported.status == "True"' +
        ' ? conditions.ConfigUnsupported.message : "recommendations come later"',
    },
    ...each(['VolumeSnapshot.snapshot.storage.k8s.io', 'VolumeSnapshotContent.snapshot.storage.k8s.io'], {
      failing: 'has(status.error) && !(has(status.readyToUse) && status.readyToUse)',
      healthy: 'status.readyToUse == true',
      message:
        'has(status.readyToUse) && status.readyToUse ? "ready to use"' +
        ' : has(status.error) ? status.error.message : "snapshot is being taken"',
    }),
    'VolumeSnapshotClass.snapshot.storage.k8s.io': nothingToWaitFor,
    'JobSet.jobset.x-k8s.io': {
      suspended: 'spec.suspend == true',
      failed: 'conditions.Failed.status == "True"',
      healthy: 'conditions.Completed.status == "True"',
    },
  },
};
