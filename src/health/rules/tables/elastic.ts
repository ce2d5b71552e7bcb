import { each, type HealthTable } from '../table.ts';

/** The operator ignores objects with this annotation. */
const unmanaged = 'metadata.annotations["eck.k8s.elastic.co/managed"] == "false"';

export const elastic: HealthTable = {
  project: 'Elastic (ECK)',
  sources: [
    'https://www.elastic.co/docs/reference/cloud-on-k8s/api-docs',
    'https://github.com/elastic/cloud-on-k8s/blob/main/pkg/apis/elasticsearch/v1/status.go',
  ],
  kinds: {
    // Yellow means shards without a replica, which a cluster of one node always has.
    'Elasticsearch.elasticsearch.k8s.elastic.co': {
      suspended: unmanaged,
      failed: 'status.phase == "Invalid"',
      failing: 'status.phase == "Stalled"',
      healthy: 'status.phase == "Ready" && status.health in ["green", "yellow"]',
      message: 'status.phase + (has(status.health) ? ", health " + status.health : "")',
    },
    // They start as red.
    ...each(
      [
        'Kibana.kibana.k8s.elastic.co',
        'ApmServer.apm.k8s.elastic.co',
        'EnterpriseSearch.enterprisesearch.k8s.elastic.co',
        'ElasticMapsServer.maps.k8s.elastic.co',
        'Agent.agent.k8s.elastic.co',
        'Beat.beat.k8s.elastic.co',
        'Logstash.logstash.k8s.elastic.co',
      ],
      { suspended: unmanaged, healthy: 'status.health == "green"', message: '"health " + status.health' },
    ),
    'StackConfigPolicy.stackconfigpolicy.k8s.elastic.co': {
      failed: 'status.phase in ["Invalid", "Conflict"]',
      failing: 'status.phase == "Error"',
      healthy: 'status.phase == "Ready"',
      message: 'status.phase',
    },
  },
};
