import type { HealthTable } from '../table.ts';

export const kruise: HealthTable = {
  project: 'OpenKruise',
  sources: ['https://openkruise.io/docs/user-manuals/advanceddaemonset'],
  kinds: {
    // A partition keeps pods at the old revision. CloneSets and StatefulSets report counts of replicas like others.
    'DaemonSet.apps.kruise.io': {
      suspended: 'spec.updateStrategy.rollingUpdate.paused == true',
      healthy:
        'status.desiredNumberScheduled == 0 || (status.numberAvailable == status.desiredNumberScheduled && ' +
        '((has(spec.updateStrategy) && has(spec.updateStrategy.rollingUpdate) && has(spec.updateStrategy.rollingUpdate.partition))' +
        ' || status.updatedNumberScheduled == status.desiredNumberScheduled))',
      message:
        'string(has(status.numberReady) ? status.numberReady : 0) + " of " + string(status.desiredNumberScheduled) + " pods ready"',
    },
  },
};
