import { each, type HealthTable } from '../table.ts';

export const flink: HealthTable = {
  project: 'Flink Kubernetes Operator',
  sources: [
    'https://nightlies.apache.org/flink/flink-kubernetes-operator-docs-stable/docs/concepts/architecture/',
    'https://github.com/apache/flink-kubernetes-operator/blob/main/flink-kubernetes-operator-api/src/main/java/org/apache/flink/kubernetes/operator/api/lifecycle/ResourceLifecycleState.java',
  ],
  kinds: {
    // DEPLOYED may still be rolled back. ROLLED_BACK runs the last stable spec, not this one.
    ...each(['FlinkDeployment.flink.apache.org', 'FlinkSessionJob.flink.apache.org'], {
      suspended: 'status.lifecycleState == "SUSPENDED"',
      failed: 'status.lifecycleState in ["FAILED", "ROLLED_BACK"]',
      healthy: 'status.lifecycleState == "STABLE"',
      message: 'status.lifecycleState + (has(status.error) && status.error != "" ? ": " + status.error : "")',
    }),
  },
};
