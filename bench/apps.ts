import { median, type Report } from './report.ts';
import type { Clone } from './support/clone.ts';
import { controlPlaneCpu, cpuOf, untilQuiet } from './support/cpu.ts';
import { type Fixture, openFixture } from './support/fixture.ts';
import { collectionOf, floorsOf, openRaw, type RawClient, type Try } from './support/floor.ts';
import { type VersionWatch, watchVersions } from './support/observe.ts';
import { numberOption } from './support/options.ts';
import {
  appFiles,
  appKinds,
  appName,
  appObjects,
  OBJECTS_PER_APP,
  slipwayFile,
  upTo,
} from './support/small-apps.ts';

/** By number of apps: pushes that change all apps, after the one that creates them, each compared with the floor. */
const ROUNDS: Record<number, number> = { 100: 5, 1000: 3 };
const LARGEST = 1_000;
const AIM = 2;

interface Round {
  apps: number;
  /** Milliseconds from the end of the push to the last object's watch event. */
  live: number;
  /** Milliseconds from the end of the push to the last status on the commit. */
  lastStatus: number;
  /** Milliseconds that a bare client needs for the same objects, at its best parallelism. */
  floor: number;
  /** Milliseconds of processor time of Slipway and its children. */
  cpu: number;
  /** Milliseconds of processor time of the API server and etcd: for one try of the floor, and for Slipway. */
  serverFloor: number;
  server: number;
}

interface Context {
  fixture: Fixture;
  raw: RawClient;
  pid: number;
  log: (line: string) => void;
}

/** One commit changes all apps of a repository: measures to the last object and to the last status. */
export async function run(log: (line: string) => void): Promise<Report> {
  const fixture = await openFixture(log);
  try {
    const raw = await openRaw(fixture.sandbox.kubeconfig);
    const { pid } = await fixture.slipway.start('run');
    const rounds: Round[] = [];
    const largest = numberOption('largest', LARGEST);
    for (const apps of Object.keys(ROUNDS)
      .map(Number)
      .filter((size) => size <= largest)) {
      rounds.push(...(await measure(apps, { fixture, raw, pid, log })));
    }
    await raw.close();
    return reportOf(rounds);
  } finally {
    await fixture.close();
  }
}

async function measure(apps: number, context: Context): Promise<Round[]> {
  const { fixture, raw, log } = context;
  const namespace = `apps-${apps}`;
  const floorSpace = `floor-${apps}`;
  for (const name of [namespace, floorSpace]) {
    await raw.send('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  const clone = await fixture.repository(`apps-${apps}`);
  const paths = appKinds.map((kind) => collectionOf(kind, namespace));
  const watch = watchVersions(fixture.sandbox.kubeconfig, paths);
  const rounds: (Omit<Round, 'floor'> & { tries: Try[] })[] = [];
  try {
    for (let version = 0; version <= (ROUNDS[apps] ?? 1); version += 1) {
      const floor = await floorOf(apps, floorSpace, version, raw);
      const pushed = await pushAll(apps, version, namespace, clone, watch, context);
      log(
        `${apps} apps, version ${version}: live after ${pushed.live} ms, last status after ${pushed.lastStatus} ms, floor ${floor.tries.map(({ ms }) => ms.toFixed(0)).join(' or ')} ms`,
      );
      // The first push creates the objects; only changes are measured.
      if (version > 0) rounds.push({ apps, ...floor, ...pushed });
    }
  } finally {
    await watch.close();
  }
  const floors = floorsOf(rounds.map(({ tries }) => tries));
  return rounds.map((round, index) => ({ ...round, floor: floors[index] ?? Number.NaN }));
}

async function pushAll(
  apps: number,
  version: number,
  namespace: string,
  clone: Clone,
  watch: VersionWatch,
  { fixture, pid }: Context,
) {
  const files = { 'slipway.yaml': slipwayFile(namespace), ...appFiles(upTo(apps), version) };
  await untilQuiet();
  const cpuBefore = await cpuOf(pid);
  const serverBefore = await controlPlaneCpu();
  const live = watch.live(version, apps * OBJECTS_PER_APP, 300_000);
  const pushed = await clone.push(files, `v${version}`);
  const lastStatus = await fixture.finalStatus(clone, pushed.commit, 'production');
  return {
    live: Math.round((await live) - pushed.at),
    lastStatus: lastStatus - pushed.at,
    cpu: (await cpuOf(pid)) - cpuBefore,
    server: (await controlPlaneCpu()) - serverBefore,
  };
}

async function floorOf(apps: number, namespace: string, version: number, raw: RawClient) {
  const objects = (attempt: number) =>
    upTo(apps).flatMap((index) => appObjects(appName(index), version * 10 + attempt));
  const before = await controlPlaneCpu();
  const tries = await raw.tries(objects, namespace);
  return { tries, serverFloor: ((await controlPlaneCpu()) - before) / tries.length };
}

function reportOf(rounds: Round[]): Report {
  const sizes = [...new Set(rounds.map(({ apps }) => apps))];
  const of = (apps: number, value: (round: Round) => number) =>
    median(rounds.filter((round) => round.apps === apps).map(value));
  return {
    name: 'apps',
    columns: [
      'last object ms',
      'last status ms',
      'floor ms',
      'ratio',
      'CPU ms',
      'server CPU ms',
      'floor server CPU ms',
    ],
    figures: sizes.map((apps) => ({
      name: `${apps} apps`,
      cells: {
        'last object ms': of(apps, ({ live }) => live).toFixed(0),
        'last status ms': of(apps, ({ lastStatus }) => lastStatus).toFixed(0),
        'floor ms': of(apps, ({ floor }) => floor).toFixed(0),
        ratio: of(apps, ratioOf).toFixed(2),
        'CPU ms': of(apps, ({ cpu }) => cpu).toFixed(0),
        'server CPU ms': of(apps, ({ server }) => server).toFixed(0),
        'floor server CPU ms': of(apps, ({ serverFloor }) => serverFloor).toFixed(0),
      },
    })),
    aims: sizes.map((apps) => {
      const ratio = of(apps, ratioOf);
      return {
        text: `${apps} apps in ${ratio.toFixed(2)} × the floor of ${apps * OBJECTS_PER_APP} objects, aim ≤ ${AIM}`,
        met: ratio <= AIM,
      };
    }),
    data: { rounds },
  };
}

/** Until both the last object and the last status are there. */
function ratioOf({ live, lastStatus, floor }: Round): number {
  return Math.max(live, lastStatus) / floor;
}
