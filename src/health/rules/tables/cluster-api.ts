import { each, type HealthTable, type KindRule, nothingToWaitFor } from '../table.ts';

/** `failureReason` is permanent by the contract of v1beta1; v1beta2 has removed it. */
const failed = 'has(status.failureReason) || status.phase == "Failed"';
const message =
  'has(status.failureReason) ? status.failureReason + (has(status.failureMessage) ? ": " + status.failureMessage : "")' +
  ' : status.phase';
const paused = '(has(spec.paused) && spec.paused) || "cluster.x-k8s.io/paused" in metadata.annotations';

/** v1beta1 counts `updatedReplicas`, v1beta2 `upToDateReplicas`; a missing count is 0. */
const replicated: KindRule = {
  suspended: paused,
  failed,
  healthy:
    '(spec.replicas == 0 && !(has(status.replicas) && status.replicas > 0)) || ' +
    '(status.replicas == spec.replicas && status.readyReplicas == spec.replicas && ' +
    '(has(status.upToDateReplicas) ? status.upToDateReplicas : status.updatedReplicas) == spec.replicas)',
  message:
    'has(status.failureReason) ? status.failureReason : ' +
    'string(has(status.readyReplicas) ? status.readyReplicas : 0) + " of " + string(spec.replicas) + " machines ready"',
};

/**
 * The contract of every provider: `ready` in v1beta1, `initialization` in v1beta2. Templates and identities have no
 * status.
 */
const provided = (done: string): KindRule => ({
  failed: 'has(status.failureReason)',
  healthy: `kind.endsWith("Template") || kind.endsWith("Identity") || status.ready == true || status.initialization.${done} == true`,
  message:
    'has(status.failureReason) ? status.failureReason : conditions.Ready.reason + ": " + conditions.Ready.message',
});

export const clusterApi: HealthTable = {
  project: 'Cluster API',
  sources: [
    'https://cluster-api.sigs.k8s.io/developer/providers/contracts/overview',
    'https://cluster-api.sigs.k8s.io/reference/api/reference',
    'https://github.com/kubernetes-sigs/cluster-api/tree/main/api/core',
  ],
  kinds: {
    // Available is also true while machines are replaced. v1beta1 has the newer conditions under `status.v1beta2`.
    'Cluster.cluster.x-k8s.io': {
      suspended: paused,
      failed,
      failing: 'conditions.Ready.status == "False" && conditions.Ready.severity == "Error"',
      progressing:
        'conditions.RollingOut.status == "True" || conditions.TopologyReconciled.status == "False" || ' +
        `status.v1beta2.conditions.exists(c, c.type == "RollingOut" && c.status == "True")`,
      healthy:
        'status.phase == "Provisioned" && (conditions.Available.status == "True" || conditions.Ready.status == "True")',
      message:
        'has(status.failureReason) ? status.failureReason + (has(status.failureMessage) ? ": " + status.failureMessage : "")' +
        ' : has(conditions.Ready) && has(conditions.Ready.severity) && conditions.Ready.status == "False" && conditions.Ready.severity == "Error"' +
        ' ? conditions.Ready.reason + ": " + conditions.Ready.message' +
        ' : has(conditions.TopologyReconciled) && conditions.TopologyReconciled.status == "False" ? conditions.TopologyReconciled.reason + ": " + conditions.TopologyReconciled.message' +
        ' : has(conditions.RollingOut) && conditions.RollingOut.status == "True" ? conditions.RollingOut.reason + ": " + conditions.RollingOut.message' +
        ' : status.phase',
    },
    'Machine.cluster.x-k8s.io': { suspended: paused, failed, healthy: 'status.phase == "Running"', message },
    ...each(
      ['MachineDeployment.cluster.x-k8s.io', 'KubeadmControlPlane.controlplane.cluster.x-k8s.io'],
      replicated,
    ),
    // These two have no count of up-to-date replicas.
    ...each(['MachineSet.cluster.x-k8s.io', 'MachinePool.cluster.x-k8s.io'], {
      ...replicated,
      healthy:
        '(spec.replicas == 0 && !(has(status.replicas) && status.replicas > 0)) || ' +
        '(status.replicas == spec.replicas && status.readyReplicas == spec.replicas)',
    }),
    'MachineHealthCheck.cluster.x-k8s.io': {
      progressing: 'status.expectedMachines > (has(status.currentHealthy) ? status.currentHealthy : 0)',
      healthy: 'true',
      message:
        'has(status.expectedMachines) ? string(has(status.currentHealthy) ? status.currentHealthy : 0) + " of " + ' +
        'string(status.expectedMachines) + " machines healthy" : "nothing to wait for"',
    },
    'ClusterClass.cluster.x-k8s.io': nothingToWaitFor,
    'ClusterResourceSet.addons.cluster.x-k8s.io': {
      failing: 'conditions.ResourcesApplied.status == "False"',
      healthy: 'conditions.ResourcesApplied.status == "True"',
      message: 'conditions.ResourcesApplied.reason',
    },
    '*.infrastructure.cluster.x-k8s.io': provided('provisioned'),
    '*.bootstrap.cluster.x-k8s.io': provided('dataSecretCreated'),
  },
};
