import type { HealthTable } from '../table.ts';

const admitted = (status: string) =>
  `status.ingress.exists(i, i.conditions.exists(c, c.type == "Admitted" && c.status == "${status}"))`;

export const openShift: HealthTable = {
  project: 'OpenShift',
  sources: [
    'https://github.com/openshift/api/blob/master/apps/v1/types.go',
    'https://github.com/openshift/api/blob/master/build/v1/types.go',
    'https://github.com/openshift/api/blob/master/route/v1/types.go',
    'https://github.com/openshift/api/blob/master/config/v1/types_cluster_version.go',
    'https://github.com/openshift/api/blob/master/machine/v1beta1/types_machine.go',
    'https://github.com/openshift/api/blob/master/machineconfiguration/v1/types.go',
  ],
  kinds: {
    // Available stays true while a rollout runs and after it has failed.
    'DeploymentConfig.apps.openshift.io': {
      suspended: 'spec.paused == true',
      failing: 'conditions.Progressing.status == "False"',
      progressing:
        'conditions.Progressing.status == "True" && conditions.Progressing.reason != "NewReplicationControllerAvailable"',
      healthy: 'conditions.Available.status == "True"',
      message:
        'has(conditions.Progressing) && (conditions.Progressing.status == "False" || conditions.Available.status == "True")' +
        ' ? conditions.Progressing.reason + ": " + conditions.Progressing.message : conditions.Available.message',
    },
    'Build.build.openshift.io': {
      failed: 'status.phase in ["Failed", "Error", "Cancelled"]',
      healthy: 'status.phase == "Complete"',
      message:
        'status.phase + (has(status.message) && status.message != "" ? ": " + status.message' +
        ' : has(status.reason) && status.reason != "" ? ": " + status.reason : "")',
    },
    // Each router that serves the route reports a status of its own.
    'Route.route.openshift.io': {
      failing: admitted('False'),
      healthy: admitted('True'),
      message:
        `${admitted('False')} ? status.ingress.filter(i, i.conditions.exists(c, c.type == "Admitted" && c.status == "False"))[0]` +
        '.conditions.filter(c, c.type == "Admitted").map(c, c.reason + ": " + c.message)[0]' +
        ` : ${admitted('True')} ? "admitted" : "no router has admitted it yet"`,
    },
    'ClusterVersion.config.openshift.io': {
      failing: 'conditions.Failing.status == "True"',
      progressing: 'conditions.Progressing.status == "True"',
      healthy: 'conditions.Available.status == "True"',
      message:
        'conditions.Failing.status == "True" ? conditions.Failing.reason + ": " + conditions.Failing.message : conditions.Progressing.message',
    },
    'MachineConfigPool.machineconfiguration.openshift.io': {
      suspended: 'spec.paused == true',
      failing: 'conditions.Degraded.status == "True"',
      healthy: 'conditions.Updated.status == "True"',
      message:
        'conditions.Degraded.status == "True" ? "Degraded: " + conditions.Degraded.message' +
        ' : conditions.Updated.status == "True" ? "updated" : "not updated yet"',
    },
    // A provisioned machine has not joined the cluster yet.
    'Machine.machine.openshift.io': {
      failed: 'status.phase == "Failed"',
      healthy: 'status.phase == "Running"',
      message: 'status.phase + (has(status.errorMessage) ? ": " + status.errorMessage : "")',
    },
  },
};
