import { describe, expect, test } from 'vitest';
import { healthOf } from '../../../../src/kube/health/index.ts';
import { condition, object, type Row } from './objects.ts';

function service(type: string, ingress: object[] = []) {
  return object('Service', { spec: { type }, status: { loadBalancer: { ingress } } });
}

function ingress(addresses: object[]) {
  return object('Ingress', { status: { loadBalancer: { ingress: addresses } } });
}

function gateway(...conditions: object[]) {
  return object('Gateway', { status: { conditions } });
}

function route(...parents: object[][]) {
  return object('HTTPRoute', {
    spec: { parentRefs: [{ name: 'public' }, { name: 'private' }] },
    status: {
      parents: parents.map((conditions, index) => ({ parentRef: { name: `gate-${index}` }, conditions })),
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
    'Gateway with a mistake',
    gateway(accepted, condition('Programmed', 'False', 'Invalid', 'bad port')),
    'failed',
    'Invalid: bad port',
  ],
  [
    'Gateway that is refused',
    gateway(condition('Accepted', 'False', 'ListenersNotValid')),
    'failed',
    'ListenersNotValid',
  ],
  [
    'GatewayClass that is accepted',
    object('GatewayClass', { status: { conditions: [accepted] } }),
    'healthy',
    'accepted',
  ],
  ['route that nobody has answered', route(), 'progressing', '0 of 2 parents have answered'],
  ['route with one of two answers', route(good), 'progressing', '1 of 2 parents have answered'],
  ['route accepted by all', route(good, good), 'healthy', 'accepted by 2 of 2'],
  [
    'route without its backend',
    route(good, [accepted, noBackend]),
    'failed',
    'Gateway gate-1: BackendNotFound: service web not found',
  ],
  [
    'route with an old answer',
    route([{ ...accepted, observedGeneration: 1 }]),
    'progressing',
    'has not answered Accepted',
  ],
];

describe('a', () => {
  test.each(rows)('%s', (_name, live, state, message) => {
    expect(healthOf(live)).toMatchObject({ state, message: expect.stringContaining(message) });
  });

  test('Ingress without an address leaves open whether its controller publishes any', () => {
    expect(healthOf(ingress([])).unsure).toBe('controller');
  });
});
