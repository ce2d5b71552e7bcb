import { type HealthTable, readyOrWaiting } from '../table.ts';

export const rabbitMq: HealthTable = {
  project: 'RabbitMQ',
  sources: [
    'https://www.rabbitmq.com/kubernetes/operator/using-operator#status-conditions',
    'https://www.rabbitmq.com/kubernetes/operator/using-topology-operator',
  ],
  kinds: {
    // NoWarnings is about questionable settings, not about health. If scaled to zero, no replica ever becomes ready.
    'RabbitmqCluster.rabbitmq.com': {
      suspended: 'metadata.labels["rabbitmq.com/pauseReconciliation"] == "true"',
      failing: 'conditions.ReconcileSuccess.status == "False"',
      healthy:
        '(spec.replicas == 0 && conditions.AllReplicasReady.reason == "ScaledToZero") || ' +
        'conditions.ReconcileSuccess.status == "True" && conditions.AllReplicasReady.status == "True" && ' +
        'conditions.ClusterAvailable.status == "True"',
      message:
        'conditions.ReconcileSuccess.status == "False" ? conditions.ReconcileSuccess.reason + ": " + conditions.ReconcileSuccess.message' +
        ' : conditions.AllReplicasReady.reason == "ScaledToZero" ? "scaled to zero"' +
        ' : conditions.AllReplicasReady.status == "True" ? conditions.ClusterAvailable.reason' +
        ' : conditions.AllReplicasReady.reason + ": " + conditions.AllReplicasReady.message',
    },
    // Queues, users, policies and so on also report FailedCreateOrUpdate while their cluster starts.
    '*.rabbitmq.com': readyOrWaiting,
  },
};
