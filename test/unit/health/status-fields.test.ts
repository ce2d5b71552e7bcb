import { describe, expect, test } from 'vitest';
import { healthOf } from '../../../src/health/index.ts';
import type { KubeObject } from '../../../src/model/object.ts';
import { condition, object } from './objects.ts';

function custom(status: object, spec: object = {}): KubeObject {
  return { ...object('Oven', { status, spec }), apiVersion: 'kitchen.example.com/v1' };
}

describe('a custom resource without telling conditions is evaluated by its status', () => {
  test.each<[status: object, state: string, message: string]>([
    [{ phase: 'Failed' }, 'failed', 'Failed'],
    [{ state: 'CREATE_FAILED', reason: 'no quota' }, 'failed', 'CREATE_FAILED: no quota'],
    [{ status: 'ERROR' }, 'failed', 'ERROR'],
    [{ health: 'Degraded' }, 'failed', 'health: Degraded'],
    [{ phase: 'ROLLBACK_COMPLETE' }, 'failed', 'ROLLBACK_COMPLETE'],
    [{ state: 'CompletedWithErrors' }, 'failed', 'CompletedWithErrors'],
    [{ status: 'ERROR, no such secret in the vault' }, 'failed', 'ERROR, no such secret in the vault'],
    [{ status: 'ACTION_REQUIRED' }, 'failed', 'ACTION_REQUIRED'],
    [{ state: 'QUOTA_EXCEEDED' }, 'failed', 'QUOTA_EXCEEDED'],
    [{ jobStatus: 'Cancelled' }, 'failed', 'jobStatus: Cancelled'],
    [{ certificateState: 'FailedNotVisible' }, 'failed', 'certificateState: FailedNotVisible'],
    [{ errorMessage: 'no such bucket' }, 'failed', 'errorMessage: no such bucket'],
    [{ phase: 'Pending' }, 'progressing', 'Pending'],
    [{ currentState: 'Creating' }, 'progressing', 'currentState: Creating'],
    [{ deploymentStatus: 'In Progress' }, 'progressing', 'deploymentStatus: In Progress'],
    [{ state: 'UPDATE_IN_PROGRESS' }, 'progressing', 'UPDATE_IN_PROGRESS'],
    [{ status: 'NotReady' }, 'progressing', 'NotReady'],
    [{ syncState: 'OutOfSync' }, 'progressing', 'syncState: OutOfSync'],
    [{ updateStatus: 'expanding' }, 'progressing', 'updateStatus: expanding'],
    [{ state: 'NotFound' }, 'progressing', 'NotFound'],
    [{ state: 'PartiallyReady' }, 'progressing', 'PartiallyReady'],
    [{ complianceState: 'NonCompliant' }, 'progressing', 'complianceState: NonCompliant'],
    [{ compliant: 'NonCompliant' }, 'progressing', 'compliant: NonCompliant'],
    [{ compliant: 'Compliant' }, 'healthy', 'compliant: Compliant'],
    [{ phase: 'New' }, 'progressing', 'New'],
    [{ runStatus: { status: 'applying' } }, 'progressing', 'applying'],
    [{ phase: 'Paused' }, 'suspended', 'Paused'],
    [{ phase: 'Halted' }, 'suspended', 'Halted'],
    [{ phase: 'Running' }, 'healthy', 'Running'],
    [{ state: 'Running (3/3)' }, 'healthy', 'Running (3/3)'],
    [{ updateStatus: 'operational' }, 'healthy', 'updateStatus: operational'],
    [{ state: 'NoErrors' }, 'healthy', 'NoErrors'],
    [{ ready: false }, 'progressing', 'ready: false'],
    [{ ready: 'False' }, 'progressing', 'ready: false'],
    [{ ready: '1/3' }, 'progressing', 'ready: 1/3'],
    [{ ready: '3/3' }, 'healthy', 'ready: 3/3'],
    [{ scale: { statusReplicas: '0/1' } }, 'progressing', 'statusReplicas: 0/1'],
    [{ phase: 'Running', ready: false }, 'progressing', 'ready: false'],
    [{ result: 'failure' }, 'failed', 'result: failure'],
    [{ stage: 'Deploying' }, 'progressing', 'stage: Deploying'],
    [{ readiness: 'NotReady' }, 'progressing', 'readiness: NotReady'],
    [{ clusterStatus: 'HEALTH_ERR' }, 'failed', 'clusterStatus: HEALTH_ERR'],
    [{ state: 'HelmInstallOrUpgradeFailed' }, 'failed', 'HelmInstallOrUpgradeFailed'],
    [{ state: 'Resharding' }, 'progressing', 'Resharding'],
    [{ state: 'Bootstrap' }, 'progressing', 'Bootstrap'],
    [{ state: 'ScalingDown' }, 'progressing', 'ScalingDown'],
    [{ state: 'Listening' }, 'healthy', 'nothing to wait for'],
    [{ phase: 'Running', components: [{ status: 'InProgress' }] }, 'progressing', 'InProgress'],
    [{ failed: true }, 'failed', 'failed: true'],
    [{ failed: false }, 'healthy', 'nothing to wait for'],
    [{ isRollingUpdate: true, phase: 'ready' }, 'progressing', 'isRollingUpdate: true'],
    [{ provisioned: false }, 'progressing', 'provisioned: false'],
    [{ kitchenReady: false }, 'progressing', 'kitchenReady: false'],
    [{ monitoringInstalled: false }, 'healthy', 'nothing to wait for'],
    [{ rollbackEnabled: true }, 'healthy', 'nothing to wait for'],
    [{ errors: ['no gas'] }, 'failed', 'errors: no gas'],
    [{ errors: [{ message: 'no gas' }] }, 'failed', 'errors: no gas'],
    [{ errors: [] }, 'healthy', 'nothing to wait for'],
    [{ lastError: 'no gas' }, 'failed', 'lastError: no gas'],
    [{ lastError: 'no gas', phase: 'Hot', ready: true }, 'healthy', 'ready: true'],
    [{ lastOperation: { state: 'Processing' } }, 'progressing', 'Processing'],
    [{ lastBake: { state: 'Failed' } }, 'healthy', 'nothing to wait for'],
    [{ message: 'Error: no gas' }, 'failed', 'Error: no gas'],
    [{ message: 'no errors so far' }, 'healthy', 'nothing to wait for'],
    [{ unavailableReplicas: 1, replicas: 3 }, 'progressing', '1 unavailableReplicas'],
    [{ desiredNumberScheduled: 3, numberReady: 2 }, 'progressing', '2 of 3 pods ready'],
    [{ summary: { desiredReady: 2, ready: 1 } }, 'progressing', '1 of 2 ready'],
    [{ nodesTotal: 3, nodesReady: 1 }, 'progressing', '1 of 3 nodes ready'],
    [{ currentReplicas: 1, desiredReplicas: 3 }, 'progressing', '1 of 3 replicas current'],
    [{ members: { ready: ['a'], unready: ['b'] } }, 'progressing', 'unready: 1'],
    [{ nodes: [{ state: 'ready' }, { state: 'starting' }] }, 'progressing', 'starting'],
    [{ nodes: [{ state: 'unknown' }] }, 'healthy', 'nothing to wait for'],
    [{ bakes: [{ state: 'failed', startedAt: 'now' }] }, 'healthy', 'nothing to wait for'],
    [{ connections: [{ status: 'connecting' }] }, 'progressing', 'connecting'],
    [{ state: 'unscheduled' }, 'progressing', 'unscheduled'],
    [{ state: 'Stuck' }, 'failed', 'Stuck'],
    [{ state: 'ImagePullBackOff' }, 'failed', 'ImagePullBackOff'],
    [{ oven: { waiting: { reason: 'ImagePullBackOff' } } }, 'failed', 'ImagePullBackOff'],
    [{ state: 'Warning', reason: 'Rejected' }, 'failed', 'Rejected'],
    [{ ovenFailure: 'no gas' }, 'failed', 'ovenFailure: no gas'],
    [{ available: 'Unknown' }, 'progressing', 'available: unknown'],
    [{ readyCondition: 'False' }, 'progressing', 'readyCondition: false'],
    [{ updateAvailable: false }, 'healthy', 'nothing to wait for'],
    [{ bakerNumberUnavailable: 1 }, 'progressing', '1 bakerNumberUnavailable'],
    [{ desiredBakerNumberScheduled: 2, bakerNumberReady: 1 }, 'progressing', '1 of 2 baker ready'],
    [
      { door: { available: true }, zones: { top: { readyShards: 1, shards: 2 } } },
      'progressing',
      '1 of 2 shards ready',
    ],
    [
      { doorConditionType: 'DoorError', doorConditionStatus: 'True', reason: 'Jammed' },
      'failed',
      'DoorError is True: Jammed',
    ],
    [
      { doorConditionType: 'DoorReady', doorConditionStatus: 'False', reason: 'Open' },
      'progressing',
      'DoorReady is False: Open',
    ],
    [
      { zones: [{ name: 'top', conditions: [{ type: 'Ready', status: 'False', reason: 'Cold' }] }] },
      'progressing',
      'top: Cold',
    ],
    [
      {
        door: {
          conditions: [
            { type: 'Jammed', status: 'True' },
            { type: 'Degraded', status: 'True' },
          ],
        },
      },
      'failed',
      'Degraded is True',
    ],
  ])('%o is %s', (status, state, message) => {
    expect(healthOf(custom(status))).toMatchObject({ state, message });
  });

  test('nested within objects, if no field above says anything', () => {
    const nested = { cluster: { state: { phase: 'Error' } } };

    expect(healthOf(custom(nested))).toMatchObject({ state: 'failed', message: 'Error' });
    expect(healthOf(custom({ ...nested, phase: 'Ready' })).state).toBe('healthy');
    expect(healthOf(custom({ brokers: { state: 'Starting' } })).state).toBe('progressing');
  });

  test('by the entries of a list that call themselves unhealthy, whatever the fields above say', () => {
    const members = [
      { name: 'a', health: 'Healthy' },
      { name: 'b', health: 'Unhealthy' },
    ];

    expect(healthOf(custom({ members }))).toMatchObject({ state: 'failed', message: 'health: Unhealthy' });
    expect(healthOf(custom({ members: [{ ready: false }] })).state).toBe('progressing');
    expect(healthOf(custom({ members, phase: 'Running' })).state).toBe('failed');
    expect(healthOf(custom({ attempts: [{ state: 'Failed' }] })).state).toBe('healthy');
    expect(healthOf(custom({ lastMembers: members })).state).toBe('healthy');
  });

  test('and, if its work ends, is progressing while it runs', () => {
    const running = custom({ phase: 'Running' });

    expect(healthOf({ ...running, kind: 'EtcdBackup' })).toMatchObject({
      state: 'progressing',
      message: 'Running',
    });
    expect(healthOf({ ...custom({ phase: 'Completed' }), kind: 'EtcdBackup' }).state).toBe('healthy');
    expect(healthOf({ ...running, kind: 'BackupStore' }).state).toBe('healthy');
  });

  test('even if the status is a string', () => {
    expect(healthOf({ ...custom({}), status: 'Failed' })).toMatchObject({ state: 'failed' });
  });
});

describe('counts of replicas', () => {
  test.each<[name: string, object: KubeObject, state: string, message: string]>([
    ['below spec', custom({ readyReplicas: 1 }, { replicas: 3 }), 'progressing', '1 of 3 replicas ready'],
    ['equal to spec', custom({ readyReplicas: 3 }, { replicas: 3 }), 'healthy', '3 of 3 replicas ready'],
    [
      'below status',
      custom({ availableReplicas: 1, replicas: 2 }),
      'progressing',
      '1 of 2 replicas available',
    ],
    [
      'of other things',
      custom({ readyInstances: 1 }, { instances: 2 }),
      'progressing',
      '1 of 2 instances ready',
    ],
    ['wanted by status', custom({ readyNodes: 1, desiredNodes: 2 }), 'progressing', '1 of 2 nodes ready'],
    [
      'not updated',
      custom({ updatedReplicas: 1 }, { replicas: 3 }),
      'progressing',
      '1 of 3 replicas updated',
    ],
    [
      'of a part',
      custom({ racks: { a: { readyMembers: 1, members: 2 } } }),
      'progressing',
      '1 of 2 members ready',
    ],
    [
      'not updated because of a partition',
      custom({ updatedReplicas: 1, readyReplicas: 3 }, { replicas: 3, updateStrategy: { partition: 2 } }),
      'healthy',
      '3 of 3 replicas ready',
    ],
    [
      'of a running object',
      custom({ phase: 'Running', readyReplicas: 1 }, { replicas: 2 }),
      'progressing',
      '1 of 2',
    ],
  ])('%s', (_, live, state, message) => {
    expect(healthOf(live)).toMatchObject({ state, message: expect.stringContaining(message) });
  });
});

describe('conditions with names of their own', () => {
  test.each<[conditions: object[], state: string, message: string]>([
    [[condition('ReconcileError', 'True', 'BadSpec')], 'failed', 'BadSpec'],
    [[condition('InstallFailed', 'True')], 'failed', 'InstallFailed is True'],
    [[condition('ReconcileError', 'False')], 'healthy', 'nothing to wait for'],
    [[condition('ReconcileError', 'True'), condition('Ready', 'True', 'Hot')], 'healthy', 'Hot'],
    [[condition('ReconcileError', 'True', 'Bad'), condition('Ready', 'False')], 'failed', 'Bad'],
    [[condition('ConflictResolved', 'True')], 'healthy', 'nothing to wait for'],
    [[condition('DashboardSynchronized', 'False', 'Waiting')], 'progressing', 'Waiting'],
    [[condition('Deployed', 'True', 'Done'), condition('SourcesProvided', 'True')], 'healthy', 'Done'],
    [[condition('Deployed', 'True'), condition('ServiceReady', 'Unknown')], 'progressing', 'ServiceReady'],
    [[condition('Active', 'False')], 'healthy', 'nothing to wait for'],
  ])('%o: %s', (conditions, state, message) => {
    expect(healthOf(custom({ conditions }))).toMatchObject({
      state,
      message: expect.stringContaining(message),
    });
  });
});

describe('a status is healthy if it says nothing about health', () => {
  test.each<[status: object]>([
    [{ phase: 'Plugged' }],
    [{ lastBackupState: 'Failed' }],
    [{ desiredState: 'Creating' }],
    [{ history: { state: 'Failed' } }],
    [{ upgrades: [{ state: 'Failed' }] }],
    [{ state: 'The last failed run of this oven was repeated' }],
    [{ failurePolicy: 'Fail', temperature: 'Failed' }],
    [{ metrics: { state: 'Disabled' } }],
    [{ error: '' }],
    [{ readyReplicas: 2 }],
  ])('%o', (status) => {
    expect(healthOf(custom(status))).toMatchObject({ state: 'healthy' });
  });

  test('within the first thousand fields, which are all that is read', () => {
    const others = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`field${index}`, index]));

    expect(healthOf(custom({ ...others, phase: 'Failed' })).state).toBe('healthy');
  });
});
