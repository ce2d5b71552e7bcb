import { stringify } from 'yaml';
import { partOfLabel } from '../../../src/kube/inventory/applyset.ts';
import { objectOf } from '../../../src/model/json.ts';
import type { KubeObject } from '../../../src/model/object.ts';
import type { ReleasePorts } from '../../../src/release/ports.ts';
import { kubectl } from '../../support/kubectl.ts';
import { configMap, deployment } from '../../support/loan-service.ts';
import { eventually } from '../../support/slipway.ts';
import { type Fixture, fixture } from './move-setup.ts';

/** In the order in which kubectl lists them here. */
const kinds = 'persistentvolumeclaims,deployments,secrets';

/** Deleted as soon as no file has it: the worst that a prune can do. */
const claim = stringify({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data', annotations: { 'slipway.dev/prune': 'allowed' } },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
});
const secret = stringify({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'worker' },
  stringData: { a: 'b' },
});

/** A worker with a claim and a Secret. */
export const worker = [claim, deployment({ name: 'worker' }), secret].join('---\n');

/** Files with the worker in one of two apps, which both have a ConfigMap that stays. */
export function workerIn(app: 'shop' | 'jobs' | 'nobody', more: Record<string, string | null> = {}) {
  return {
    // So many that the prune of the worker needs no confirmation.
    'apps/shop/own.yaml': ['shop', ...'abcdefg'].map((name) => configMap(name, {})).join('---\n'),
    'apps/jobs/own.yaml': configMap('jobs', {}),
    'apps/shop/worker.yaml': app === 'shop' ? worker : null,
    'apps/jobs/worker.yaml': app === 'jobs' ? worker : null,
    ...more,
  };
}

export interface Handover extends Fixture {
  /** Uids of the claim, the Deployment and the Secret before anything moved. */
  before: unknown[];
  uids(): Promise<unknown[]>;
  /** The app whose label each of the three has. */
  owners(): Promise<unknown[]>;
  /** Commits the worker into an app, or nowhere, with further changes. */
  put(app: 'shop' | 'jobs' | 'nobody', more?: Record<string, string | null>): Promise<string>;
}

/** App `shop` runs the worker, and app `jobs` beside it does not. */
export async function handover(): Promise<Handover> {
  const loans = await fixture();
  const { namespace } = loans.repository;
  const live = async () => {
    const text = await kubectl(['get', kinds, '-n', namespace, '-o', 'json']);
    const { items } = JSON.parse(text) as { items: KubeObject[] };
    return items.filter(({ metadata }) => metadata.name !== 'slow');
  };
  const put: Handover['put'] = (app, more) => loans.push(['shop', 'jobs'], workerIn(app, more));
  const uids = async () => (await live()).map(({ metadata }) => metadata.uid);
  await put('shop');
  await Promise.all([loans.deploy('shop'), bindClaim(namespace)]);
  await loans.deploy('jobs');
  const sets = new Map([
    [await loans.setOf('shop'), 'shop'],
    [await loans.setOf('jobs'), 'jobs'],
  ]);
  return {
    ...loans,
    before: await uids(),
    uids,
    put,
    owners: async () =>
      (await live()).map(({ metadata }) => sets.get(objectOf(metadata.labels)[partOfLabel])),
  };
}

/** As the volume controller does, which the sandbox does not have. */
async function bindClaim(namespace: string): Promise<void> {
  const patch = ['--subresource=status', '-p', '{"status":{"phase":"Bound"}}'];
  await eventually('the claim', async () => kubectl(['patch', 'pvc', 'data', '-n', namespace, ...patch]));
}

/** Runs releases of both apps in an order. */
export type Order = (loans: Handover) => Promise<void>;

export const orders: [string, Order][] = [
  ['the app that loses it first', inTurn('shop', 'jobs')],
  ['the app that gains it first', inTurn('jobs', 'shop')],
  ['both at once', atOnce],
];

function inTurn(...apps: string[]): Order {
  return async (loans) => {
    for (const app of apps) await loans.deploy(app);
  };
}

/** On two machines. */
async function atOnce(loans: Handover): Promise<void> {
  const on = (app: string, ports: ReleasePorts) => loans.deploy(app, ports);
  await Promise.all([on('shop', loans.ports), on('jobs', loans.another)]);
}
