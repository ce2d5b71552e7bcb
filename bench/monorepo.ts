import { stringify } from 'yaml';
import { median, type Report } from './report.ts';
import type { Clone } from './support/clone.ts';
import { cpuOf } from './support/cpu.ts';
import { type Fixture, openFixture } from './support/fixture.ts';
import { collectionOf, openRaw } from './support/floor.ts';
import { type VersionWatch, watchVersions } from './support/observe.ts';
import {
  appFile,
  appFiles,
  appKinds,
  appName,
  appObjects,
  appText,
  OBJECTS_PER_APP,
  slipwayFile,
  upTo,
} from './support/small-apps.ts';

const APPS = 1_000;
/** The last ones of these are overlays of one Kustomize base. */
const ON_BASE = 50;
const ROUNDS = 15;
const WARM_UP = 3;
const aims = { one: 1.3, nothingCpuMs: 50 };

const plain = upTo(APPS - ON_BASE);
const onBase = upTo(APPS).slice(APPS - ON_BASE);

interface Repository {
  clone: Clone;
  watch: VersionWatch;
  namespace: string;
}

interface Composition {
  fixture: Fixture;
  pid: number;
  log: (line: string) => void;
}

/** Milliseconds from the return of the push, and processor time of Slipway and its children. */
interface Sample {
  ms: number;
  cpu: number;
}

/** A repository of a thousand apps, and one push that concerns few of them. */
export async function run(log: (line: string) => void): Promise<Report> {
  const fixture = await openFixture(log);
  const raw = await openRaw(fixture.sandbox.kubeconfig);
  const open: Repository[] = [];
  try {
    const { pid } = await fixture.slipway.start('run');
    const composition = { fixture, pid, log };
    const repository = async (name: string) => {
      await raw.send('POST', '/api/v1/namespaces', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name },
      });
      const watch = watchVersions(
        fixture.sandbox.kubeconfig,
        appKinds.map((kind) => collectionOf(kind, name)),
      );
      const made = { clone: await fixture.repository(name), watch, namespace: name };
      open.push(made);
      return made;
    };
    const lone = await repository('lone');
    const many = await repository('many');
    await first(lone, appFiles([0], 0), composition);
    log(`${APPS} apps are deployed for the first time`);
    await first(many, { ...appFiles(plain, 0), ...baseFiles(0) }, composition);
    const samples = await pushes(lone, many, composition);
    return reportOf(samples, await pushBase(many, composition));
  } finally {
    await Promise.all(open.map(({ watch }) => watch.close()));
    await raw.close();
    await fixture.close();
  }
}

async function first(
  { clone, namespace }: Repository,
  files: Record<string, string>,
  { fixture }: Composition,
) {
  const pushed = await clone.push({ 'slipway.yaml': slipwayFile(namespace), ...files }, 'all');
  await fixture.answered(clone, pushed.commit, 'production', 600_000);
}

/** By turns, so that what else the machine does falls on all three alike. */
async function pushes(lone: Repository, many: Repository, composition: Composition) {
  const samples = { lone: [] as Sample[], one: [] as Sample[], nothing: [] as Sample[] };
  for (let round = 1; round <= WARM_UP + ROUNDS; round += 1) {
    const found = {
      lone: await pushOne(lone, 0, round, composition),
      one: await pushOne(many, round, round, composition),
      nothing: await pushNothing(many, round, composition),
    };
    composition.log(
      `round ${round}: one app alone ${found.lone.ms.toFixed(0)} ms, one of ${APPS} ${found.one.ms.toFixed(0)} ms, nothing ${found.nothing.cpu} ms of CPU`,
    );
    if (round <= WARM_UP) continue;
    for (const name of ['lone', 'one', 'nothing'] as const) samples[name].push(found[name]);
  }
  return samples;
}

async function pushOne(
  { clone, watch }: Repository,
  app: number,
  version: number,
  { fixture, pid }: Composition,
) {
  const before = await cpuOf(pid);
  const live = watch.live(version, OBJECTS_PER_APP);
  const pushed = await clone.push({ [appFile(appName(app))]: appText(appName(app), version) }, `v${version}`);
  const ms = (await live) - pushed.at;
  await fixture.answered(clone, pushed.commit, 'production');
  return { ms, cpu: (await cpuOf(pid)) - before };
}

async function pushNothing(
  { clone }: Repository,
  round: number,
  { fixture, pid }: Composition,
): Promise<Sample> {
  const before = await cpuOf(pid);
  const pushed = await clone.push({ 'docs/notes.md': `${round}\n` }, 'notes');
  const answered = await fixture.answered(clone, pushed.commit, 'production');
  return { ms: answered - pushed.at, cpu: (await cpuOf(pid)) - before };
}

/** The base changes; releases are counted by what the targets say of the commit. */
async function pushBase({ clone, watch }: Repository, { fixture, pid }: Composition) {
  const version = 10_000;
  const before = await cpuOf(pid);
  const live = watch.live(version, ON_BASE * OBJECTS_PER_APP, 120_000);
  const pushed = await clone.push(baseFiles(version), 'base');
  const ms = (await live) - pushed.at;
  await fixture.answered(clone, pushed.commit, 'production');
  const cpu = (await cpuOf(pid)) - before;
  const { slipway } = fixture;
  const response = await fetch(`${slipway.url}/api/targets`, {
    headers: { authorization: `Bearer ${slipway.apiToken}` },
  });
  const { targets } = (await response.json()) as { targets: { release?: { commit: string } }[] };
  const releases = targets.filter(({ release }) => release?.commit === pushed.commit).length;
  return { ms, cpu, releases };
}

/** One base with all four objects, and overlays that give them a name each. */
function baseFiles(version: number): Record<string, string> {
  const kinds = appObjects('app', version);
  const files: Record<string, string> = {
    'base/app.yaml': kinds.map((object) => stringify(object)).join('---\n'),
    'base/kustomization.yaml': stringify({ resources: ['app.yaml'] }),
  };
  for (const index of onBase) {
    files[`apps/${appName(index)}/kustomization.yaml`] = stringify({
      resources: ['../../base'],
      namePrefix: `${appName(index)}-`,
    });
  }
  return files;
}

type Samples = Awaited<ReturnType<typeof pushes>>;

function reportOf(samples: Samples, base: Awaited<ReturnType<typeof pushBase>>): Report {
  const of = (name: keyof Samples, value: keyof Sample) =>
    median(samples[name].map((sample) => sample[value]));
  const mean = samples.nothing.reduce((sum, { cpu }) => sum + cpu, 0) / samples.nothing.length;
  const ratio = of('one', 'ms') / of('lone', 'ms');
  const row = (name: string, ms: number, cpu: number) => ({
    name,
    cells: { 'p50 ms': ms.toFixed(0), 'CPU ms': cpu.toFixed(0) },
  });
  return {
    name: 'monorepo',
    columns: ['p50 ms', 'CPU ms'],
    figures: [
      row('the only app of its repository', of('lone', 'ms'), of('lone', 'cpu')),
      row(`one of ${APPS}`, of('one', 'ms'), of('one', 'cpu')),
      row(`nothing of ${APPS} (to the status)`, of('nothing', 'ms'), mean),
      row(`a base of ${ON_BASE}`, base.ms, base.cpu),
    ],
    aims: [
      { text: `one of ${APPS}: ${ratio.toFixed(2)} × alone, aim ≤ ${aims.one}`, met: ratio <= aims.one },
      {
        text: `nothing: ${mean.toFixed(0)} ms of CPU, aim ≤ ${aims.nothingCpuMs}`,
        met: mean <= aims.nothingCpuMs,
      },
      { text: `base: ${base.releases} releases, aim exactly ${ON_BASE}`, met: base.releases === ON_BASE },
    ],
    data: { samples, base },
  };
}
