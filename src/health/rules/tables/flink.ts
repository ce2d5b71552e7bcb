import { each, type HealthTable } from '../table.ts';

export const flink: HealthTable = {
  project: 'Flink Kubernetes Operator',
  sources: [
    'https://nightlies.apache.org/flink/flink-kubernetes-operator-docs-stable/docs/concepts/architecture/',
    'https://github.com/apache/flink-kubernetes-operator/blob/main/flink-kubernetes-operator-api/src/main/java/org/apache/flink/kubernetes/operator/api/lifecycle/ResourceLifecycleState.java',
    'https://github.com/apache/flink-kubernetes-operator/blob/main/flink-kubernetes-operator-api/src/main/java/org/apache/flink/kubernetes/operator/api/status/FlinkBlueGreenDeploymentState.java',
  ],
  kinds: {
    // A stable deployment's job may crash all the time. DEPLOYED may still be rolled back. ROLLED_BACK runs the last stable spec, not this one.
    ...each(['FlinkDeployment.flink.apache.org', 'FlinkSessionJob.flink.apache.org'], {
      suspended: 'status.lifecycleState == "SUSPENDED"',
      failed: 'status.lifecycleState in ["FAILED", "ROLLED_BACK"]',
      progressing: 'status.jobStatus.state in ["RESTARTING", "FAILING"]',
      healthy: 'status.lifecycleState == "STABLE"',
      message:
        'status.lifecycleState + (has(status.error) && status.error != "" ? ": " + status.error' +
        ' : has(status.jobStatus) && has(status.jobStatus.state) && status.jobStatus.state in ["RESTARTING", "FAILING"]' +
        ' ? ": the job is " + status.jobStatus.state : "")',
    }),
    // An error beside a running job does not stop it.
    'FlinkBlueGreenDeployment.flink.apache.org': {
      failing:
        'status.reconciliationStatus.state == "ROLLED_BACK" || ' +
        '(status.blueGreenState.startsWith("ACTIVE_") && status.jobStatus.state in ["FAILED", "FAILING"])',
      healthy:
        'status.blueGreenState.startsWith("ACTIVE_") && status.jobStatus.state in ["RUNNING", "FINISHED"]',
      message: 'status.blueGreenState + (has(status.error) && status.error != "" ? ": " + status.error : "")',
    },
  },
};
