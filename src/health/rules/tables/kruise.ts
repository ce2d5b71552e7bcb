import { type HealthTable, phaseAndMessage } from '../table.ts';

const observed = '!has(status.observedGeneration) || status.observedGeneration == metadata.generation';
const paused = ['status', 'status.canaryStatus', 'status.blueGreenStatus']
  .map((path) => `${path}.currentStepState == "StepPaused"`)
  .join(' || ');

export const kruise: HealthTable = {
  project: 'OpenKruise',
  sources: [
    'https://openkruise.io/docs/user-manuals/advanceddaemonset',
    'https://github.com/openkruise/rollouts/blob/master/api/v1beta1/rollout_types.go',
  ],
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
    // A paused step waits for a person.
    'Rollout.rollouts.kruise.io': {
      suspended: `(${observed}) && (status.phase == "Disabled" || ${paused})`,
      healthy: 'status.phase == "Healthy"',
      message: phaseAndMessage,
    },
  },
};
