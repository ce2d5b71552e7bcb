import { each, type HealthTable, type KindRule } from '../table.ts';

const message =
  '"NotReady" in conditions ? conditions.NotReady.reason + ": " + conditions.NotReady.message' +
  ' : conditions.Ready.status == "True" ? "ready" : "not ready yet"';

const paused = 'conditions.ReconciliationPaused.status == "True"';
const invalid = ['InvalidResourceException', 'InvalidConfigurationException'];
const isInvalid = `conditions.NotReady.status == "True" && conditions.NotReady.reason in ${JSON.stringify(invalid)}`;

/** `NotReady` with the reason Creating is progress; any other reason is the exception that stopped the operator. */
const cluster: KindRule = {
  suspended: paused,
  failed: isInvalid,
  failing: 'conditions.NotReady.status == "True" && conditions.NotReady.reason != "Creating"',
  healthy: 'conditions.Ready.status == "True"',
  message,
};

/** Objects within a cluster are not ready while the cluster starts, with varying exceptions as the reason. */
const inCluster: KindRule = {
  suspended: paused,
  failed: isInvalid,
  healthy: 'conditions.Ready.status == "True"',
  message,
};

export const strimzi: HealthTable = {
  project: 'Strimzi',
  sources: [
    'https://strimzi.io/docs/operators/latest/configuring.html',
    'https://strimzi.io/docs/operators/latest/deploying.html#con-custom-resources-status-str',
  ],
  kinds: {
    ...each(
      [
        'Kafka.kafka.strimzi.io',
        'KafkaConnect.kafka.strimzi.io',
        'KafkaMirrorMaker2.kafka.strimzi.io',
        'KafkaBridge.kafka.strimzi.io',
      ],
      cluster,
    ),
    ...each(['KafkaTopic.kafka.strimzi.io', 'KafkaUser.kafka.strimzi.io'], inCluster),
    'KafkaConnector.kafka.strimzi.io': {
      ...inCluster,
      suspended: `${paused} || spec.state in ["paused", "stopped"] || spec.pause == true`,
      failing:
        'status.connectorStatus.connector.state == "FAILED" || ' +
        'status.connectorStatus.tasks.exists(task, task.state == "FAILED")',
      message:
        '"NotReady" in conditions ? conditions.NotReady.reason + ": " + conditions.NotReady.message' +
        ' : "connector is " + status.connectorStatus.connector.state +' +
        ' (status.connectorStatus.tasks.exists(task, task.state == "FAILED") ? ", a task has failed" : "")',
    },
    // The Kafka of a pool reports the pool's pods.
    'KafkaNodePool.kafka.strimzi.io': {
      healthy: 'has(status.observedGeneration)',
      message: '"observed by its operator"',
    },
    'KafkaRebalance.kafka.strimzi.io': {
      suspended: 'conditions.ProposalReady.status == "True" || conditions.Stopped.status == "True"',
      failed: 'conditions.NotReady.status == "True"',
      healthy: 'conditions.Ready.status == "True"',
      message: 'conditions.NotReady.reason + ": " + conditions.NotReady.message',
    },
  },
};
