import type { HealthTable } from '../table.ts';

/** Each kind has a condition of its own, such as DashboardSynchronized; older versions of the operator set none. */
const synchronized = 'status.conditions.exists(c, c.type.endsWith("Synchronized")';

/** Conditions that report a problem while they are true. */
const problem =
  'c.status == "True" && (c.type in ["InvalidSpec", "NoMatchingInstance"] || c.type.endsWith("Mismatch"))';

export const grafana: HealthTable = {
  project: 'Grafana Operator',
  sources: [
    'https://grafana.github.io/grafana-operator/docs/api/',
    'https://github.com/grafana/grafana-operator/tree/master/controllers',
  ],
  kinds: {
    'Grafana.grafana.integreatly.org': {
      failing: 'status.stageStatus == "failed"',
      healthy: 'status.stage == "complete" && status.stageStatus == "success"',
      message:
        '"stage " + status.stage + ": " + status.stageStatus + (has(status.lastMessage) ? ", " + status.lastMessage : "")',
    },
    // No instance matches while the Grafana of the same release starts.
    '*.grafana.integreatly.org': {
      failing:
        `conditions.InvalidSpec.status == "True" || ${synchronized} && c.status == "False") || ` +
        'status.conditions.exists(c, c.type.endsWith("Mismatch") && c.status == "True")',
      progressing:
        'conditions.NoMatchingInstance.status == "True" || status.NoMatchingInstances == true || ' +
        '(status.uid == "" && !has(status.hash) && !has(status.conditions))',
      healthy: `!has(status.conditions) || ${synchronized} && c.status == "True")`,
      message:
        `has(status.conditions) && status.conditions.exists(c, ${problem})` +
        ` ? status.conditions.filter(c, ${problem}).map(c, c.type + ": " + c.message)[0]` +
        ` : has(status.conditions) && ${synchronized})` +
        ' ? status.conditions.filter(c, c.type.endsWith("Synchronized")).map(c, c.reason + ": " + c.message)[0]' +
        ' : has(status.NoMatchingInstances) && status.NoMatchingInstances ? "no Grafana matches its selector"' +
        ' : has(status.hash) || !has(status.uid) ? "nothing to wait for" : "waiting for its controller"',
    },
  },
};
