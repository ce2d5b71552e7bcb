import { describe, expect, test } from 'vitest';
import { healthOf } from '../../../../src/health/index.ts';
import { condition, object, type Row } from '../objects.ts';

const seen = { observedGeneration: 2 };

function claim(status: object, spec: object = { storageClassName: 'fast' }) {
  return object('PersistentVolumeClaim', { spec: { volumeName: 'pv-1', ...spec }, status });
}

/** As the API server serves `autoscaling/v1`. */
function oldAutoscaler(...conditions: object[]) {
  const annotations = { 'autoscaling.alpha.kubernetes.io/conditions': JSON.stringify(conditions) };
  const { metadata, ...rest } = object('HorizontalPodAutoscaler', { metadata: { annotations }, status: {} });
  return { ...rest, metadata, apiVersion: 'autoscaling/v1' };
}

function budget(status: object) {
  return object('PodDisruptionBudget', { status });
}

function autoscaler(...conditions: object[]) {
  return object('HorizontalPodAutoscaler', { status: { conditions } });
}

function definition(...conditions: object[]) {
  return object('CustomResourceDefinition', { status: { conditions } });
}

const able = condition('AbleToScale', 'True', 'ReadyForNewScale');
const noTarget = condition('AbleToScale', 'False', 'FailedGetScale', 'deployments.apps "web" not found');

const rows: Row[] = [
  ['claim that is bound', claim({ phase: 'Bound' }), 'healthy', 'bound to pv-1'],
  ['claim that is not bound', claim({ phase: 'Pending' }), 'progressing', 'not bound'],
  [
    'claim without a storage class',
    claim({ phase: 'Pending' }, { storageClassName: '' }),
    'progressing',
    'it has no storage class',
  ],
  [
    'claim that is being resized',
    claim({ phase: 'Bound', allocatedResourceStatuses: { storage: 'NodeResizePending' } }),
    'healthy',
    'bound to pv-1',
  ],
  [
    'claim whose resize is infeasible',
    claim({
      phase: 'Bound',
      allocatedResourceStatuses: { storage: 'ControllerResizeInfeasible' },
      conditions: [condition('ControllerResizeError', 'True', '', 'no space left in the pool')],
    }),
    'failed',
    'its volume cannot be resized: no space left in the pool',
  ],
  [
    'claim whose VolumeAttributesClass is infeasible',
    claim({ phase: 'Bound', modifyVolumeStatus: { status: 'Infeasible' } }),
    'failed',
    'its VolumeAttributesClass',
  ],
  ['claim whose volume is lost', claim({ phase: 'Lost' }), 'failed', 'pv-1 is lost'],

  ['budget whose pods are not counted yet', budget({}), 'progressing', 'waiting'],
  [
    'budget with fewer healthy pods than it requires',
    budget({ ...seen, currentHealthy: 0, desiredHealthy: 1 }),
    'healthy',
    '0 of 1',
  ],
  [
    'budget whose pods cannot be counted',
    budget({ ...seen, conditions: [condition('DisruptionAllowed', 'False', 'SyncFailed', 'no scale')] }),
    'failed',
    'no scale',
  ],

  ['autoscaler without conditions', autoscaler(), 'progressing', 'waiting for the autoscaler'],
  [
    'autoscaler that scales',
    autoscaler(able, condition('ScalingActive', 'True', 'ValidMetricFound')),
    'healthy',
    'ReadyForNewScale',
  ],
  ['autoscaler of autoscaling/v1', oldAutoscaler(able), 'healthy', 'ReadyForNewScale'],
  ['autoscaler of autoscaling/v1 without its target', oldAutoscaler(noTarget), 'failed', 'not found'],
  ['autoscaler without its target', autoscaler(noTarget), 'failed', 'deployments.apps "web" not found'],
  [
    'autoscaler without metrics yet',
    autoscaler(able, condition('ScalingActive', 'False', 'FailedGetResourceMetric', 'no metrics')),
    'healthy',
    'does not scale yet: FailedGetResourceMetric: no metrics',
  ],
  [
    'autoscaler of a workload that is scaled to zero',
    autoscaler(able, condition('ScalingActive', 'False', 'ScalingDisabled')),
    'suspended',
    'scaled to zero',
  ],
  [
    'autoscaler with a wrong metric',
    autoscaler(able, condition('ScalingActive', 'False', 'InvalidMetricSourceType')),
    'failed',
    'InvalidMetricSourceType',
  ],

  ['definition without conditions', definition(), 'progressing', 'waiting for the API server'],
  [
    'definition that is established',
    definition(condition('NamesAccepted', 'True'), condition('Established', 'True')),
    'healthy',
    'established',
  ],
  [
    'definition being installed',
    definition(condition('Established', 'False', 'Installing', 'the initial names')),
    'progressing',
    'Installing',
  ],
  [
    'definition whose names are taken',
    definition(condition('NamesAccepted', 'False', 'PluralConflict', '"ovens" is in use')),
    'failed',
    'PluralConflict: "ovens" is in use',
  ],

  [
    'API service that is available',
    object('APIService', { status: { conditions: [condition('Available', 'True')] } }),
    'healthy',
    'available',
  ],
  [
    'API service whose server is not up',
    object('APIService', {
      status: { conditions: [condition('Available', 'False', 'MissingEndpoints', 'no addresses')] },
    }),
    'progressing',
    'MissingEndpoints: no addresses',
  ],
  ['API service without conditions', object('APIService'), 'progressing', 'waiting'],

  ['namespace', object('Namespace', { status: { phase: 'Active' } }), 'healthy', 'active'],
  [
    'namespace that is being deleted',
    object('Namespace', { status: { phase: 'Terminating' } }),
    'terminating',
    'deleted',
  ],
  [
    'namespace that something keeps',
    object('Namespace', {
      metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' },
      status: {
        phase: 'Terminating',
        conditions: [
          condition('NamespaceDeletionDiscoveryFailure', 'False'),
          condition(
            'NamespaceFinalizersRemaining',
            'True',
            'SomeFinalizersRemain',
            'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
          ),
        ],
      },
    }),
    'terminating',
    'example.com/hold in 1 resource instances',
  ],
  ['ConfigMap', object('ConfigMap'), 'healthy', 'nothing to wait for'],
];

describe('evaluates a', () => {
  test.each(rows)('%s', (_name, live, state, message) => {
    expect(healthOf(live)).toMatchObject({ state, message: expect.stringContaining(message) });
  });

  test('an unbound claim is inconclusive', () => {
    expect(healthOf(claim({ phase: 'Pending' })).inconclusive).toBe('binding');
  });
});
