import { expect, it, onTestFinished } from 'vitest';
import type { Composition } from '../../../src/composition/composition.ts';
import { intake } from '../../../src/intake/intake.ts';
import { targetId } from '../../../src/model/target.ts';
import type { Found } from '../../../src/ports/desired.ts';
import type { DeployWakeUp, WakeUps } from '../../../src/ports/wake-ups.ts';
import { deploy } from '../../../src/release/deploy.ts';
import { startDeployWorker } from '../../../workers/deploy.ts';
import { app } from '../../support/apps.ts';
import { compositionUnderTest, quietRepository } from '../../support/composition.ts';
import { slipwayYaml } from '../../support/loan-service.ts';
import { releasePorts } from '../../support/releases.ts';
import type { TestRepository } from '../../support/repository.ts';
import { eventually } from '../../support/slipway.ts';
import { aTarget } from '../../support/targets.ts';

const THOUSAND = 1_000;
const neverAborts = new AbortController().signal;
const loans = 'github/acme/loans';

/** Writes a thousand apps of one push that depend on the same app of another repository, as an intake does. */
async function desireDependents(composition: Composition, dependency: string): Promise<void> {
  const found = Array.from({ length: THOUSAND }, (_, i): Found => {
    const identity = { repository: loans, app: `app-${i}`, environment: 'production' };
    const target = aTarget({ ...identity, id: targetId(identity), dependsOn: [dependency] });
    return { target, commit: 'a'.repeat(40), contentKey: 'key', cause: { kind: 'push' }, retry: false };
  });
  const sequence = await composition.desired.nextSequence(loans);
  const seen = new Map();
  await composition.dependencies.ofRepository(loans, seen);
  const changed = new Map(found.map(({ target }) => [target.id, target.dependsOn]));
  await composition.dependencies.write({ repository: loans, sequence, seen, changed, refusedBy: [] });
  await composition.wakeUps.enqueueDeploys(
    (await composition.desired.setDesired(loans, sequence, found)) ?? [],
  );
}

async function startWorker(composition: Composition) {
  const worker = await startDeployWorker(composition);
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= worker.stop(0);
    return stopped;
  };
  onTestFinished(stop);
  return { stop };
}

/** Ids of the targets whose newest release has this state. */
async function targetsInState(composition: Composition, state: string): Promise<string[]> {
  return (await composition.queries.targets({}, 2_000)).targets.flatMap((one) =>
    one.release?.state === state ? [one.id] : [],
  );
}

function push(composition: Composition, repository: TestRepository, apps: string[]) {
  const entries = apps.map((name) => [name, { path: `apps/${name}` }]);
  const environments = { production: { branch: 'main', cluster: 'prod', namespace: repository.namespace } };
  const files = Object.assign({}, ...apps.map((name) => app(name, '1')));
  return repository
    .push({ 'slipway.yaml': slipwayYaml(environments, Object.fromEntries(entries)), ...files })
    .then(() => intake(repository.id, composition, neverAborts));
}

/** Number of writes to the Redis socket. A pipeline of many commands is one write. */
async function countSocketWrites({ redis }: Composition, work: () => Promise<unknown>): Promise<number> {
  if (!('stream' in redis)) throw new Error('not a single Redis');
  const { stream } = redis;
  const write = stream.write;
  let writes = 0;
  stream.write = (...args: never[]) => {
    writes += 1;
    return Reflect.apply(write, stream, args);
  };
  await work();
  stream.write = write;
  return writes;
}

it('a thousand waiting dependents use no job, delay no other release, and are enqueued together', async () => {
  const { slipway, composition } = await compositionUnderTest();
  const infra = await quietRepository(slipway, () => ({ 'README.md': 'infra' }));
  const database = infra.target('database');
  await desireDependents(composition, database);
  const worker = await startWorker(composition);
  // A waiting release has no job, neither in a worker nor in the queue. Only its dependencies are stored.
  const queued = async () => Object.values((await composition.wakeUps.counts()).deploy ?? {});
  await eventually('an empty queue', async () => (await queued()).every((count) => count === 0));
  expect(await targetsInState(composition, 'blocked')).toHaveLength(THOUSAND);

  await push(composition, infra, ['other']);
  await eventually('the release of another app', async () => {
    const record = await composition.releases.record(infra.target('other'));
    return record?.last?.state === 'succeeded';
  });
  expect(await targetsInState(composition, 'blocked')).toHaveLength(THOUSAND);
  await worker.stop();

  const enqueued: DeployWakeUp[][] = [];
  const wakeUps: WakeUps = {
    ...composition.wakeUps,
    async enqueueDeploys(wakeUps) {
      enqueued.push(wakeUps);
      await composition.wakeUps.enqueueDeploys(wakeUps);
    },
  };
  await push(composition, infra, ['other', 'database']);
  const ports = await releasePorts(composition);
  await deploy(database, { ...ports, wakeUps }, neverAborts);
  expect(enqueued.map((wakeUps) => wakeUps.length)).toEqual([THOUSAND]);
  expect(new Set(enqueued[0]?.map(({ index }) => index))).toHaveLength(THOUSAND);
  // One more wake-up is for the database itself; its intake enqueued it.
  expect((await composition.wakeUps.counts()).deploy).toMatchObject({ waiting: THOUSAND + 1 });
});

it('reads a thousand dependents in one socket write, and enqueues them in as few writes as twenty', async () => {
  const { composition } = await compositionUnderTest();
  await desireDependents(composition, `${loans}//database@production`);
  const wakeUps = await composition.dependencies.waiting(`${loans}//database@production`);
  expect(wakeUps).toHaveLength(THOUSAND);
  const few = wakeUps.slice(0, 20);
  await composition.wakeUps.enqueueDeploys(few);
  const forFew = await countSocketWrites(composition, () => composition.wakeUps.enqueueDeploys(few));
  expect(forFew).toBeGreaterThan(0);
  expect(await countSocketWrites(composition, () => composition.wakeUps.enqueueDeploys(wakeUps))).toBe(
    forFew,
  );
  const readWaiting = () => composition.dependencies.waiting(`${loans}//database@production`);
  expect(await countSocketWrites(composition, readWaiting)).toBe(1);
});
