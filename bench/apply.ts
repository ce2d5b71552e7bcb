import { stringify } from 'yaml';
import type { Release } from '../src/model/release.ts';
import { median, type Report } from './report.ts';
import type { Clone } from './support/clone.ts';
import { untilQuiet } from './support/cpu.ts';
import { type Fixture, openFixture } from './support/fixture.ts';
import { floorsOf, openRaw, type RawClient, type Try } from './support/floor.ts';
import { mixedObjects } from './support/mixed-objects.ts';
import { numberOption } from './support/options.ts';
import { type ApplyByProgram, helmUpgrade, kubectlApply } from './support/programs.ts';

const OBJECTS = 1_000;
const ROUNDS = 5;
const aims = { floor: 0.9, nothing: 0.25, kubectl: 15 };

type Objects = ReturnType<typeof mixedObjects>;

const workloads = ['create', 'update', 'nothing', 'one percent'] as const;
type Workload = (typeof workloads)[number];

/** Milliseconds. */
interface Sample {
  /** From the first request after rendering to the response to the last apply, by the release's own clock. */
  slipway: number;
  /** From the same moment to the end of the release, which includes verifying and writing the record. */
  toEnd: number;
  /** From the end of the push to the end of the release. */
  endToEnd: number;
  /** The same requests from a bare client. */
  tries: Try[];
  kubectl?: number;
  helm?: number;
}

/** The sample with the bare client's time at its best parallelism. */
type Compared = Omit<Sample, 'tries'> & { floor: number };

interface Context {
  fixture: Fixture;
  raw: RawClient;
  count: number;
  kubectl: ApplyByProgram;
  helm: ApplyByProgram;
  log: (line: string) => void;
}

/** The namespaces and the repository of one round: each round creates all objects again. */
interface Site {
  clone: Clone;
  slipway: string;
  floor: string;
  pushes: number;
  version: number;
}

/** Compares one app of a thousand objects with the bare requests, kubectl and Helm. */
export async function run(log: (line: string) => void): Promise<Report> {
  const fixture = await openFixture(log);
  const raw = await openRaw(fixture.sandbox.kubeconfig);
  try {
    await fixture.slipway.start('run');
    await makeNamespaces(raw, ['apply-kubectl', 'apply-helm']);
    const kubectl = kubectlApply(fixture.sandbox, 'apply-kubectl');
    const helm = helmUpgrade(fixture.sandbox, 'apply-helm');
    const count = numberOption('objects', OBJECTS);
    return reportOf(count, await measure({ fixture, raw, count, kubectl, helm, log }));
  } finally {
    await raw.close();
    await fixture.close();
  }
}

async function makeNamespaces(raw: RawClient, names: string[]): Promise<void> {
  for (const name of names) {
    await raw.send('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
}

/** Only the first round includes kubectl and Helm: they take most of a minute each. */
async function measure(context: Context): Promise<Record<Workload, Sample[]>> {
  const samples: Record<Workload, Sample[]> = { create: [], update: [], nothing: [], 'one percent': [] };
  for (let round = 1; round <= numberOption('rounds', ROUNDS); round += 1) {
    const slipway = `apply-slipway-${round}`;
    const floor = `apply-floor-${round}`;
    await makeNamespaces(context.raw, [slipway, floor]);
    const clone = await context.fixture.repository(`apply-${round}`);
    const site: Site = { clone, slipway, floor, pushes: 0, version: 0 };
    for (const workload of workloads) {
      const sample = await sampleOf(workload, site, round === 1, context);
      samples[workload].push(sample);
      context.log(`${workload}: ${describe(sample)}`);
    }
  }
  return samples;
}

async function sampleOf(
  workload: Workload,
  site: Site,
  withPrograms: boolean,
  context: Context,
): Promise<Sample> {
  const { raw, count, kubectl, helm } = context;
  const before = site.version;
  if (workload !== 'nothing') site.version += 1;
  const versionOf = (index: number) =>
    workload === 'one percent' && index % 100 > 0 ? before : site.version;
  const objects = mixedObjects(count, versionOf);
  const changed = workload === 'create' || workload === 'update';
  const again = (attempt: number) =>
    workload === 'create'
      ? objects.map((object) => renamed(object, attempt))
      : mixedObjects(count, (index) => versionOf(index) * 10 + attempt);
  await untilQuiet();
  // If little changes, the floor still sends everything, as a client without state must.
  const tries = changed ? await raw.tries(again, site.floor) : await unchangedFloor(objects, site.floor, raw);
  await untilQuiet();
  const slipway = await deploy(objects, site, context);
  if (!withPrograms) return { ...slipway, tries };
  await untilQuiet();
  const byKubectl = await kubectl(objects);
  await untilQuiet();
  return { ...slipway, tries, kubectl: byKubectl, helm: await helm(objects) };
}

async function unchangedFloor(objects: Objects, namespace: string, raw: RawClient): Promise<Try[]> {
  await raw.apply(objects, namespace, 16);
  return raw.tries(() => objects, namespace);
}

function renamed(object: Objects[number], attempt: number) {
  return { ...object, metadata: { ...object.metadata, name: `${object.metadata.name}-${attempt}` } };
}

/** Changes a comment in every push, so that the content key changes even if no object does. */
async function deploy(objects: Objects, site: Site, { fixture }: Context) {
  const { clone, slipway: namespace } = site;
  site.pushes += 1;
  const config = {
    version: 1,
    environments: { production: { branch: 'main', cluster: 'prod', namespace } },
    apps: { app: { path: 'deploy' } },
  };
  const text = objects.map((object) => stringify(object)).join('---\n');
  const pushed = await clone.push(
    { 'slipway.yaml': stringify(config), 'deploy/all.yaml': `# ${site.pushes}\n${text}` },
    `push ${site.pushes}`,
  );
  await fixture.finalStatus(clone, pushed.commit, 'production');
  const release = await lastRelease(fixture, `github/${clone.repo}//app@production`);
  const { applying = 0, verifying = 0, pruning = 0 } = release.times;
  return {
    slipway: applying,
    toEnd: applying + verifying + pruning,
    endToEnd: (release.endedAt ?? Number.NaN) - pushed.at,
  };
}

async function lastRelease({ slipway }: Fixture, target: string): Promise<Release> {
  const url = `${slipway.url}/api/targets/history?target=${encodeURIComponent(target)}&limit=1`;
  const response = await fetch(url, { headers: { authorization: `Bearer ${slipway.apiToken}` } });
  const { releases } = (await response.json()) as { releases: Release[] };
  const [release] = releases;
  if (!release) throw new Error(`${target} has no release`);
  return release;
}

function describe({ tries, ...times }: Sample): string {
  const bare = tries.map(({ parallel, ms }) => [`floor (${parallel} in flight)`, ms] as const);
  return [...Object.entries(times), ...bare].map(([name, ms]) => `${name} ${ms.toFixed(0)} ms`).join(', ');
}

function compare(samples: Sample[]): Compared[] {
  const floors = floorsOf(samples.map(({ tries }) => tries));
  return samples.map(({ tries: _, ...times }, round) => ({ ...times, floor: floors[round] ?? Number.NaN }));
}

function reportOf(count: number, measured: Record<Workload, Sample[]>): Report {
  const samples = {
    create: compare(measured.create),
    update: compare(measured.update),
    nothing: compare(measured.nothing),
    'one percent': compare(measured['one percent']),
  };
  const of = (workload: Workload, name: keyof Compared) =>
    median(samples[workload].flatMap((sample) => sample[name] ?? []));
  const speed = (workload: Workload) =>
    median(samples[workload].map(({ floor, slipway }) => floor / slipway));
  const cell = (ms: number) => (Number.isNaN(ms) ? '' : ms.toFixed(0));
  const columns = ['slipway', 'toEnd', 'endToEnd', 'floor', 'kubectl', 'helm'] as const;
  // If nothing is applied, the whole release counts: applying alone takes no time.
  const nothing = median(samples.nothing.map(({ floor, toEnd }) => toEnd / floor));
  const kubectl = of('create', 'kubectl') / of('create', 'slipway');
  return {
    name: 'apply',
    columns: [...columns.map((name) => `${name} ms`), 'of the floor’s speed'],
    figures: workloads.map((workload) => ({
      name: `${count} objects: ${workload}`,
      cells: {
        ...Object.fromEntries(columns.map((name) => [`${name} ms`, cell(of(workload, name))])),
        'of the floor’s speed': speed(workload).toFixed(2),
      },
    })),
    aims: [
      ...(['create', 'update'] as const).map((workload) => ({
        text: `${workload}: ${speed(workload).toFixed(2)} of the floor, aim ≥ ${aims.floor}`,
        met: speed(workload) >= aims.floor,
      })),
      {
        text: `no change: ${nothing.toFixed(2)} of the floor's time, aim ≤ ${aims.nothing}`,
        met: nothing <= aims.nothing,
      },
      { text: `${kubectl.toFixed(1)} × kubectl, aim ≥ ${aims.kubectl}`, met: kubectl >= aims.kubectl },
    ],
    data: { objects: count, samples: measured },
  };
}
