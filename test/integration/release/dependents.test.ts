import { expect, it, onTestFinished } from 'vitest';
import { intake } from '../../../src/intake/intake.ts';
import { targetId } from '../../../src/model/target.ts';
import type { Parts } from '../../../src/parts/parts.ts';
import type { Bells, DeployRing } from '../../../src/ports/bells.ts';
import type { Found } from '../../../src/ports/desired.ts';
import { deploy } from '../../../src/release/deploy.ts';
import { startDeployWorker } from '../../../workers/deploy.ts';
import { app } from '../../support/apps.ts';
import { slipwayYaml } from '../../support/loan-service.ts';
import { partsUnderTest, quietRepository } from '../../support/parts.ts';
import { releasePorts } from '../../support/releases.ts';
import type { TestRepository } from '../../support/repository.ts';
import { eventually } from '../../support/slipway.ts';
import { aTarget } from '../../support/targets.ts';

const THOUSAND = 1_000;
const never = new AbortController().signal;
const loans = 'github/acme/loans';

/** A thousand apps of one push that wait for the same app of another repository, as an intake writes them. */
async function waitFor(parts: Parts, dependency: string): Promise<void> {
  const found = Array.from({ length: THOUSAND }, (_, i): Found => {
    const parts = { repository: loans, app: `app-${i}`, environment: 'production' };
    const target = aTarget({ ...parts, id: targetId(parts), dependsOn: [dependency] });
    return { target, commit: 'a'.repeat(40), contentKey: 'key', cause: { kind: 'push' }, retry: false };
  });
  const sequence = await parts.desired.nextSequence(loans);
  const seen = new Map();
  await parts.dependencies.ofRepository(loans, seen);
  const changed = new Map(found.map(({ target }) => [target.id, target.dependsOn]));
  await parts.dependencies.write({ repository: loans, sequence, seen, changed, refusedBy: [] });
  await parts.bells.ringDeploy((await parts.desired.setDesired(loans, sequence, found)) ?? []);
}

async function startWorker(parts: Parts) {
  const worker = await startDeployWorker(parts);
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= worker.stop(0);
    return stopped;
  };
  onTestFinished(stop);
  return { stop };
}

/** Targets whose newest release is in this state. */
async function inState(parts: Parts, state: string): Promise<string[]> {
  return (await parts.queries.targets()).flatMap((one) => (one.release?.state === state ? [one.id] : []));
}

function push(parts: Parts, repository: TestRepository, apps: string[]) {
  const entries = apps.map((name) => [name, { path: `apps/${name}` }]);
  const environments = { production: { branch: 'main', cluster: 'prod', namespace: repository.namespace } };
  const files = Object.assign({}, ...apps.map((name) => app(name, '1')));
  return repository
    .push({ 'slipway.yaml': slipwayYaml(environments, Object.fromEntries(entries)), ...files })
    .then(() => intake(repository.id, parts, never));
}

/** How often something is sent to Redis: a pipeline of many commands is sent at once. */
async function sent({ redis }: Parts, work: () => Promise<unknown>): Promise<number> {
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

it('a thousand dependents wait without a place, hold up nobody, and are rung together', async () => {
  const { slipway, parts } = await partsUnderTest();
  const infra = await quietRepository(slipway, () => ({ 'README.md': 'infra' }));
  const database = infra.target('database');
  await waitFor(parts, database);
  const worker = await startWorker(parts);
  // What waits is no job, neither in a worker nor in the queue: it is only known who depends on whom.
  const queued = async () => Object.values((await parts.bells.counts()).deploy ?? {});
  await eventually('an empty queue', async () => (await queued()).every((count) => count === 0));
  expect(await inState(parts, 'blocked')).toHaveLength(THOUSAND);

  await push(parts, infra, ['other']);
  await eventually('the release of another app', async () => {
    const record = await parts.releases.record(infra.target('other'));
    return record?.last?.state === 'succeeded';
  });
  expect(await inState(parts, 'blocked')).toHaveLength(THOUSAND);
  await worker.stop();

  const rung: DeployRing[][] = [];
  const bells: Bells = {
    ...parts.bells,
    async ringDeploy(rings) {
      rung.push(rings);
      await parts.bells.ringDeploy(rings);
    },
  };
  await push(parts, infra, ['other', 'database']);
  const ports = await releasePorts(parts);
  await deploy(database, { ...ports, bells }, never);
  expect(rung.map((rings) => rings.length)).toEqual([THOUSAND]);
  expect(new Set(rung[0]?.map(({ index }) => index))).toHaveLength(THOUSAND);
  // Beside them only the bell of the database itself, which its intake has rung.
  expect((await parts.bells.counts()).deploy).toMatchObject({ prioritized: THOUSAND + 1 });
});

it('a thousand bells and the question for whom are sent to Redis at once', async () => {
  const { parts } = await partsUnderTest();
  await waitFor(parts, `${loans}//database@production`);
  const rings = await parts.dependencies.waiting(`${loans}//database@production`);
  expect(rings).toHaveLength(THOUSAND);
  const few = rings.slice(0, 20);
  await parts.bells.ringDeploy(few);
  const forFew = await sent(parts, () => parts.bells.ringDeploy(few));
  expect(forFew).toBeGreaterThan(0);
  expect(await sent(parts, () => parts.bells.ringDeploy(rings))).toBe(forFew);
  const ask = () => parts.dependencies.waiting(`${loans}//database@production`);
  expect(await sent(parts, ask)).toBe(1);
});
