import { each, type HealthTable } from '../table.ts';

export const confluent: HealthTable = {
  project: 'Confluent for Kubernetes',
  sources: [
    'https://docs.confluent.io/operator/current/co-api.html',
    'https://docs.confluent.io/operator/current/co-manage-connectors.html',
  ],
  kinds: {
    ...each(
      [
        'Kafka.platform.confluent.io',
        'Zookeeper.platform.confluent.io',
        'KRaftController.platform.confluent.io',
        'Connect.platform.confluent.io',
        'SchemaRegistry.platform.confluent.io',
        'KsqlDB.platform.confluent.io',
        'ControlCenter.platform.confluent.io',
        'KafkaRestProxy.platform.confluent.io',
      ],
      {
        progressing: 'conditions["platform.confluent.io/rolling"].status == "True"',
        healthy: 'status.phase == "RUNNING"',
        message: 'status.phase',
      },
    ),
    // ERROR means that the configuration was refused. A running connector may have failed tasks.
    'Connector.platform.confluent.io': {
      suspended: 'status.connectorState == "PAUSED"',
      failing: 'status.state == "ERROR" || status.connectorState == "FAILED" || status.failedTasksCount > 0',
      healthy: 'status.connectorState == "RUNNING"',
      message:
        'status.state == "ERROR" ? conditions["platform.confluent.io/app-ready"].message' +
        ' : status.connectorState + (has(status.tasksReady) ? ", tasks ready: " + status.tasksReady : "")',
    },
    ...each(['KafkaTopic.platform.confluent.io', 'Schema.platform.confluent.io'], {
      failing: 'status.state == "ERROR"',
      healthy: 'status.state in ["CREATED", "SUCCEEDED"]',
      message:
        'status.state == "ERROR" ? conditions["platform.confluent.io/app-ready"].message : status.state',
    }),
  },
};
