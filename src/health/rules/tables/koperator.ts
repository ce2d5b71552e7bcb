import type { HealthTable } from '../table.ts';

export const koperator: HealthTable = {
  project: 'Koperator (Banzai Cloud Kafka)',
  sources: ['https://github.com/banzaicloud/koperator/blob/master/api/v1beta1/common_types.go'],
  kinds: {
    // While it runs, a broker whose configuration is out of sync has still to be updated.
    'KafkaCluster.kafka.banzaicloud.io': {
      healthy:
        'status.state == "ClusterRunning" && (!has(status.brokersState) || ' +
        'status.brokersState.all(id, status.brokersState[id].configurationState == "ConfigInSync"))',
      message: 'status.state',
    },
  },
};
