import { stringify } from 'yaml';
import type { Release } from '../src/model/release.ts';
import { median, type Report } from './report.ts';
import type { Clone } from './support/clone.ts';
import { collectionOf, openRaw, type RawClient } from './support/floor.ts';
import { mixedKinds, mixedObjects } from './support/mixed-objects.ts';
import { type VersionWatch, watchVersions } from './support/observe.ts';
import { numberOption } from './support/options.ts';
import { type ApplyByProgram, helmUpgrade, kubectlApply } from './support/programs.ts';
import { openWorld, type World } from './support/world.ts';

const OBJECTS = 1_000;
const ROUNDS = 3;
const aims = { floor: 0.9, nothing: 0.25, kubectl: 15 };
const spaces = ['apply-slipway', 'apply-floor', 'apply-kubectl', 'apply-helm'];

const works = ['create', 'update', 'nothing', 'one percent'] as const;
type Work = (typeof works)[number];

/** Milliseconds. */
interface Sample {
  /** From the end of rendering to the end of the release, by its own clock. */
  slipway: number;
  /** From the return of the push to the release's end. */
  endToEnd: number;
  /** The requests alone, by a bare client at its best parallelism. */
  floor: number;
  kubectl?: number;
  helm?: number;
}

interface Parts {
  world: World;
  raw: RawClient;
  clone: Clone;
  watch: VersionWatch;
  count: number;
  kubectl: ApplyByProgram;
  helm: ApplyByProgram;
  log: (line: string) => void;
}

/** One app of a thousand objects, beside the bare requests and beside the programs that others deploy with. */
export async function run(log: (line: string) => void): Promise<Report> {
  const world = await openWorld(log);
  const raw = await openRaw(world.sandbox.kubeconfig);
  const paths = mixedKinds.map((kind) => collectionOf(kind, 'apply-slipway'));
  const watch = watchVersions(world.sandbox.kubeconfig, paths);
  try {
    for (const name of spaces) {
      await raw.send('POST', '/api/v1/namespaces', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name },
      });
    }
    await world.slipway.start('run');
    const clone = await world.repository('apply');
    const kubectl = kubectlApply(world.sandbox, 'apply-kubectl');
    const helm = helmUpgrade(world.sandbox, 'apply-helm');
    const count = numberOption('objects', OBJECTS);
    return reportOf(count, await measure({ world, raw, clone, watch, count, kubectl, helm, log }));
  } finally {
    await watch.close();
    await raw.close();
    await world.close();
  }
}

/** The first round has the programs beside it: they take most of a minute each. */
async function measure(parts: Parts): Promise<Record<Work, Sample[]>> {
  const samples: Record<Work, Sample[]> = { create: [], update: [], nothing: [], 'one percent': [] };
  let version = 0;
  let push = 0;
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const work of works) {
      // Objects are created once; what follows changes what is there.
      if (work === 'create' && round > 1) continue;
      const before = version;
      if (work !== 'nothing') version += 1;
      push += 1;
      const versionOf = (index: number) => (work === 'one percent' && index % 100 > 0 ? before : version);
      const sample = await sampleOf(work, versionOf, push, round === 1, parts);
      samples[work].push(sample);
      parts.log(`${work}: ${describe(sample)}`);
      // The next update starts from one version everywhere.
      if (work === 'one percent') version += 1;
    }
  }
  return samples;
}

async function sampleOf(
  work: Work,
  versionOf: (index: number) => number,
  push: number,
  withPrograms: boolean,
  parts: Parts,
): Promise<Sample> {
  const { raw, count, kubectl, helm } = parts;
  const objects = mixedObjects(count, versionOf);
  const changed = work === 'nothing' || work === 'one percent';
  const again = (attempt: number) =>
    work === 'create'
      ? objects.map((object) => renamed(object, attempt))
      : mixedObjects(count, (index) => versionOf(index) * 10 + attempt);
  // Where little changes the floor still sends all: that is what a client without a memory must do.
  const floor = changed ? await unchangedFloor(objects, raw) : (await raw.best(again, 'apply-floor')).ms;
  const slipway = await deploy(objects, push, parts);
  if (!withPrograms) return { ...slipway, floor };
  return { ...slipway, floor, kubectl: await kubectl(objects), helm: await helm(objects) };
}

async function unchangedFloor(objects: ReturnType<typeof mixedObjects>, raw: RawClient): Promise<number> {
  await raw.apply(objects, 'apply-floor', 16);
  return (await raw.best(() => objects, 'apply-floor')).ms;
}

function renamed(object: ReturnType<typeof mixedObjects>[number], attempt: number) {
  return { ...object, metadata: { ...object.metadata, name: `${object.metadata.name}-${attempt}` } };
}

/** A comment moves the content key also where no object changes. */
async function deploy(objects: ReturnType<typeof mixedObjects>, push: number, { world, clone }: Parts) {
  const config = {
    version: 1,
    environments: { production: { branch: 'main', cluster: 'prod', namespace: 'apply-slipway' } },
    apps: { app: { path: 'deploy' } },
  };
  const text = objects.map((object) => stringify(object)).join('---\n');
  const pushed = await clone.push(
    { 'slipway.yaml': stringify(config), 'deploy/all.yaml': `# ${push}\n${text}` },
    `push ${push}`,
  );
  await world.answered(clone, pushed.commit, 'production');
  const release = await lastRelease(world, `github/${clone.repo}//app@production`);
  const { applying = 0, verifying = 0, pruning = 0 } = release.times;
  return { slipway: applying + verifying + pruning, endToEnd: (release.endedAt ?? Number.NaN) - pushed.at };
}

async function lastRelease({ slipway }: World, target: string): Promise<Release> {
  const url = `${slipway.url}/api/targets/history?target=${encodeURIComponent(target)}&limit=1`;
  const answer = await fetch(url, { headers: { authorization: `Bearer ${slipway.apiToken}` } });
  const { releases } = (await answer.json()) as { releases: Release[] };
  const [release] = releases;
  if (!release) throw new Error(`${target} has no release`);
  return release;
}

function describe(sample: Sample): string {
  return Object.entries(sample)
    .map(([name, ms]) => `${name} ${ms.toFixed(0)} ms`)
    .join(', ');
}

function reportOf(count: number, samples: Record<Work, Sample[]>): Report {
  const of = (work: Work, name: keyof Sample) =>
    median(samples[work].flatMap((sample) => sample[name] ?? []));
  const speed = (work: Work) => median(samples[work].map(({ floor, slipway }) => floor / slipway));
  const cell = (ms: number) => (Number.isNaN(ms) ? '' : ms.toFixed(0));
  const columns = ['slipway', 'endToEnd', 'floor', 'kubectl', 'helm'] as const;
  const nothing = 1 / speed('nothing');
  const kubectl = of('create', 'kubectl') / of('create', 'slipway');
  return {
    name: 'apply',
    columns: [...columns.map((name) => `${name} ms`), 'of the floor’s speed'],
    figures: works.map((work) => ({
      name: `${count} objects: ${work}`,
      cells: {
        ...Object.fromEntries(columns.map((name) => [`${name} ms`, cell(of(work, name))])),
        'of the floor’s speed': speed(work).toFixed(2),
      },
    })),
    aims: [
      ...(['create', 'update'] as const).map((work) => ({
        text: `${work}: ${speed(work).toFixed(2)} of the floor, aim ≥ ${aims.floor}`,
        met: speed(work) >= aims.floor,
      })),
      {
        text: `nothing changed: ${nothing.toFixed(2)} of the floor's time, aim ≤ ${aims.nothing}`,
        met: nothing <= aims.nothing,
      },
      { text: `${kubectl.toFixed(1)} × kubectl, aim ≥ ${aims.kubectl}`, met: kubectl >= aims.kubectl },
    ],
    data: { objects: count, samples },
  };
}
