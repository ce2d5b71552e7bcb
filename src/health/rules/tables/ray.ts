import { type HealthTable, readyOrWaiting } from '../table.ts';

export const ray: HealthTable = {
  project: 'KubeRay',
  sources: [
    'https://ray-project.github.io/kuberay/reference/api/',
    'https://github.com/ray-project/kuberay/blob/master/ray-operator/apis/ray/v1/rayjob_types.go',
  ],
  kinds: {
    'RayCluster.ray.io': {
      suspended: 'spec.suspend == true',
      failing: 'status.state == "failed"',
      healthy: 'status.state == "ready"',
      message: 'status.state + (has(status.reason) && status.reason != "" ? ": " + status.reason : "")',
    },
    // The job has failed only if it is not retried.
    'RayJob.ray.io': {
      suspended: 'spec.suspend == true',
      failed:
        'status.jobDeploymentStatus in ["Failed", "ValidationFailed"] || ' +
        '(status.jobDeploymentStatus == "Complete" && status.jobStatus in ["FAILED", "STOPPED"])',
      healthy: 'status.jobDeploymentStatus == "Complete" && status.jobStatus == "SUCCEEDED"',
      message:
        'status.jobDeploymentStatus + (has(status.message) && status.message != "" ? ": " + status.message : "")',
    },
    'RayService.ray.io': readyOrWaiting,
  },
};
