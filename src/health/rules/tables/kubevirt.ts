import { each, type HealthTable } from '../table.ts';

const message =
  'status.printableStatus + (has(conditions.Failure) ? ": " + conditions.Failure.message' +
  ' : has(conditions.Ready) && conditions.Ready.status == "False" && has(conditions.Ready.message) ? ": " + conditions.Ready.message : "")';

export const kubeVirt: HealthTable = {
  project: 'KubeVirt',
  sources: [
    'https://kubevirt.io/api-reference/main/definitions.html',
    'https://github.com/kubevirt/kubevirt/blob/main/staging/src/kubevirt.io/api/core/v1/types.go',
    'https://github.com/kubevirt/containerized-data-importer/blob/main/doc/datavolumes.md',
  ],
  kinds: {
    // `Ready` is also false for a machine that is stopped on purpose.
    'VirtualMachine.kubevirt.io': {
      suspended: 'status.printableStatus in ["Stopped", "Paused"]',
      failing:
        'status.printableStatus in ["CrashLoopBackOff", "ErrorUnschedulable", "ErrImagePull", "ImagePullBackOff", ' +
        '"ErrorPvcNotFound", "ErrorDataVolumeNotFound", "DataVolumeError"]',
      healthy: 'status.printableStatus in ["Running", "Migrating"]',
      message,
    },
    'VirtualMachineInstance.kubevirt.io': {
      failed: 'status.phase == "Failed"',
      healthy:
        '(status.phase == "Running" && conditions.Ready.status == "True") || status.phase == "Succeeded"',
      message: 'status.phase',
    },
    // With a class that binds on first use, it waits for a pod.
    ...each(['DataVolume.cdi.kubevirt.io'], {
      suspended: 'status.phase == "Paused"',
      failing: 'status.phase == "Failed" || conditions.Running.reason in ["Error", "ImagePullFailed"]',
      healthy: 'status.phase in ["Succeeded", "WaitForFirstConsumer", "PendingPopulation"]',
      message:
        'status.phase + (has(conditions.Running) && conditions.Running.status == "False" && status.phase != "Succeeded"' +
        ' ? ": " + conditions.Running.message : has(status.progress) ? ", " + status.progress : "")',
    }),
  },
};
