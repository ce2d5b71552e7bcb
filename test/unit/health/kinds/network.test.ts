import { describe, expect, test } from 'vitest';
import { healthOf } from '../../../../src/health/index.ts';
import { condition, object, type Row } from '../objects.ts';

function service(type: string, ingress: object[] = []) {
  return object('Service', { spec: { type }, status: { loadBalancer: { ingress } } });
}

function ingress(addresses: object[]) {
  return object('Ingress', { status: { loadBalancer: { ingress: addresses } } });
}

function gateway(...conditions: object[]) {
  return object('Gateway', { status: { conditions } });
}

/** Accepted and programmed, with these conditions of its listeners. */
function listening(...listeners: object[][]) {
  const conditions = [condition('Accepted', 'True'), condition('Programmed', 'True')];
  const statuses = listeners.map((conditions, index) => ({ name: `l${index}`, conditions }));
  return object('Gateway', { status: { conditions, listeners: statuses } });
}

function route(...parents: object[][]) {
  return object('HTTPRoute', {
    spec: { parentRefs: [{ name: 'public' }, { name: 'private' }] },
    status: {
      parents: parents.map((conditions, index) => ({
        parentRef: { name: ['public', 'private', 'old'][index] },
        conditions,
      })),
    },
  });
}

const accepted = condition('Accepted', 'True');
const pending = condition('Programmed', 'Unknown', 'Pending', 'Waiting for controller');
const good = [accepted, condition('ResolvedRefs', 'True')];
const noBackend = condition('ResolvedRefs', 'False', 'BackendNotFound', 'service web not found');

const rows: Row[] = [
  ['Service within the cluster', service('ClusterIP'), 'healthy', 'no address'],
  ['Service without a type', object('Service', { spec: {} }), 'healthy', 'no address'],
  ['load balancer without an address', service('LoadBalancer'), 'progressing', 'no address yet'],
  ['load balancer with an IP', service('LoadBalancer', [{ ip: '192.0.2.1' }]), 'healthy', '192.0.2.1'],
  [
    'load balancer with a name',
    service('LoadBalancer', [{ hostname: 'lb.example.com' }]),
    'healthy',
    'lb.example.com',
  ],
  ['Ingress with an address', ingress([{ hostname: 'lb.example.com' }]), 'healthy', 'lb.example.com'],
  ['Ingress without an address', ingress([]), 'healthy', 'no address is published'],
  [
    'Gateway with the defaults of its CRD',
    gateway(condition('Accepted', 'Unknown', 'Pending'), pending),
    'progressing',
    'waiting for a controller',
  ],
  ['Gateway that is accepted', gateway(accepted, pending), 'progressing', 'Pending: Waiting for controller'],
  ['Gateway that is programmed', gateway(accepted, condition('Programmed', 'True')), 'healthy', 'programmed'],
  [
    'Gateway without an address yet',
    gateway(accepted, condition('Programmed', 'False', 'AddressNotAssigned')),
    'progressing',
    'AddressNotAssigned',
  ],
  [
    'Gateway that is not programmed because it is invalid',
    gateway(accepted, condition('Programmed', 'False', 'Invalid', 'bad port')),
    'failed',
    'Invalid: bad port',
  ],
  [
    'Gateway that is not accepted',
    gateway(condition('Accepted', 'False', 'ListenersNotValid')),
    'failed',
    'ListenersNotValid',
  ],
  [
    'Gateway with two listeners in conflict',
    listening(
      [condition('Conflicted', 'False'), ...good, condition('Programmed', 'True')],
      [condition('Conflicted', 'True', 'ProtocolConflict', 'port 80 is taken')],
    ),
    'failed',
    'listener l1: ProtocolConflict: port 80 is taken',
  ],
  [
    'Gateway with a listener that is not accepted',
    listening([condition('Accepted', 'False', 'PortUnavailable')]),
    'failed',
    'listener l0: PortUnavailable',
  ],
  [
    'Gateway with a listener whose certificate is missing',
    listening([accepted, condition('ResolvedRefs', 'False', 'InvalidCertificateRef', 'no secret web-tls')]),
    'progressing',
    'listener l0: InvalidCertificateRef: no secret web-tls',
  ],
  [
    'Gateway with a listener for an unknown kind of route',
    listening([accepted, condition('ResolvedRefs', 'False', 'InvalidRouteKinds')]),
    'failed',
    'listener l0: InvalidRouteKinds',
  ],
  [
    'Gateway with a listener that is not programmed',
    listening([...good, condition('Programmed', 'False', 'Pending')]),
    'progressing',
    'listener l0: Pending',
  ],
  [
    'Gateway with a listener condition of an older generation',
    listening([{ ...condition('Accepted', 'False', 'PortUnavailable'), observedGeneration: 1 }]),
    'healthy',
    'programmed',
  ],
  [
    'GatewayClass that is accepted',
    object('GatewayClass', { status: { conditions: [accepted] } }),
    'healthy',
    'accepted',
  ],
  ['route without any parent status', route(), 'progressing', 'Gateway public has not reported a status'],
  [
    'route with the status of one of two parents',
    route(good),
    'progressing',
    'Gateway private has not reported a status',
  ],
  ['route accepted by every parent', route(good, good), 'healthy', 'accepted by 2 of 2'],
  [
    'route without its backend',
    route(good, [accepted, noBackend]),
    'failed',
    'Gateway private: BackendNotFound: service web not found',
  ],
  [
    'route with the status of a parent that it no longer names',
    route(good, good, [condition('Accepted', 'False', 'NoMatchingParent')]),
    'healthy',
    'accepted by 2 of 2',
  ],
  [
    'route whose parent has a status from two controllers',
    object('HTTPRoute', {
      metadata: { namespace: 'web' },
      spec: { parentRefs: [{ name: 'public', sectionName: 'https' }] },
      status: {
        parents: [good, [accepted, noBackend]].map((conditions) => ({
          parentRef: {
            group: 'gateway.networking.k8s.io',
            kind: 'Gateway',
            namespace: 'web',
            name: 'public',
            sectionName: 'https',
          },
          conditions,
        })),
      },
    }),
    'failed',
    'Gateway public (https): BackendNotFound',
  ],
  [
    'route with the status of another listener',
    object('HTTPRoute', {
      spec: { parentRefs: [{ name: 'public', sectionName: 'https' }] },
      status: { parents: [{ parentRef: { name: 'public', sectionName: 'http' }, conditions: good }] },
    }),
    'progressing',
    'Gateway public (https) has not reported a status',
  ],
  [
    'route with a condition of an older generation',
    route([{ ...accepted, observedGeneration: 1 }]),
    'progressing',
    'has not reported Accepted',
  ],
];

describe('evaluates a', () => {
  test.each(rows)('%s', (_name, live, state, message) => {
    expect(healthOf(live)).toMatchObject({ state, message: expect.stringContaining(message) });
  });

  test('an Ingress without an address is inconclusive', () => {
    expect(healthOf(ingress([])).inconclusive).toBe('controller');
  });
});
