import { each, type HealthTable } from '../table.ts';

export const datadog: HealthTable = {
  project: 'Datadog Operator',
  sources: [
    'https://github.com/DataDog/datadog-operator/blob/main/docs/datadog_monitor.md',
    'https://github.com/DataDog/datadog-operator/tree/main/api/datadoghq/v1alpha1',
  ],
  kinds: {
    // The state of a monitor, such as Alert or Unknown, is about what it monitors.
    ...each(['DatadogMonitor.datadoghq.com', 'DatadogSLO.datadoghq.com'], {
      failing:
        'conditions.Error.status == "True" || status.monitorStateSyncStatus.startsWith("error") || status.syncStatus.startsWith("error")',
      healthy: 'conditions.Created.status == "True"',
      message:
        'has(conditions.Error) && conditions.Error.status == "True" ? conditions.Error.message' +
        ' : has(status.monitorStateSyncStatus) && status.monitorStateSyncStatus.startsWith("error") ? status.monitorStateSyncStatus' +
        ' : has(status.syncStatus) && status.syncStatus.startsWith("error") ? status.syncStatus' +
        ' : has(conditions.Created) && conditions.Created.status == "True" ? "created" : "not created yet"',
    }),
  },
};
