import { each, type HealthTable, type KindRule } from '../table.ts';

/** With the feature gate StatusForConfigurationResources, the operator reports who accepted and who rejected the object. */
const selected: KindRule = {
  failing: 'status.bindings.exists(b, b.conditions.exists(c, c.type == "Accepted" && c.status == "False"))',
  healthy: 'true',
  message:
    'has(status.bindings) && status.bindings.exists(b, b.conditions.exists(c, c.status == "False"))' +
    ' ? status.bindings.filter(b, b.conditions.exists(c, c.status == "False"))' +
    '.map(b, b.name + ": " + b.conditions.filter(c, c.status == "False")[0].message)[0] : "nothing to wait for"',
};

export const prometheusOperator: HealthTable = {
  project: 'Prometheus Operator',
  sources: [
    'https://prometheus-operator.dev/docs/api-reference/api/',
    'https://prometheus-operator.dev/docs/platform/operator/#resource-status',
  ],
  kinds: {
    // `Available` may also be Degraded: some pods are not ready, as in every rollout.
    ...each(
      [
        'Prometheus.monitoring.coreos.com',
        'PrometheusAgent.monitoring.coreos.com',
        'Alertmanager.monitoring.coreos.com',
        'ThanosRuler.monitoring.coreos.com',
      ],
      {
        suspended: 'spec.paused == true',
        failing: 'conditions.Reconciled.status == "False"',
        healthy: 'conditions.Reconciled.status == "True" && conditions.Available.status == "True"',
        message:
          'conditions.Reconciled.status == "False" ? conditions.Reconciled.reason + ": " + conditions.Reconciled.message' +
          ' : conditions.Available.status == "True" ? "available"' +
          ' : conditions.Available.reason + ": " + conditions.Available.message',
      },
    ),
    ...each(
      [
        'ServiceMonitor.monitoring.coreos.com',
        'PodMonitor.monitoring.coreos.com',
        'Probe.monitoring.coreos.com',
        'PrometheusRule.monitoring.coreos.com',
        'ScrapeConfig.monitoring.coreos.com',
        'AlertmanagerConfig.monitoring.coreos.com',
      ],
      selected,
    ),
  },
};
