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
/** So many of the apps, the last ones, are overlays of one Kustomize base. */
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

interface Context {
  fixture: Fixture;
  pid: number;
  log: (line: string) => void;
}

/** Milliseconds from the return of the push, and processor time of Slipway and its children. */
interface Sample {
  ms: number;
  cpu: number;
}

/** Pushes that affect few apps of a repository with a thousand. */
export async function run(log: (line: string) => void): Promise<Report> {
  const fixture = await openFixture(log);
  const raw = await openRaw(fixture.sandbox.kubeconfig);
  const open: Repository[] = [];
  try {
    const { pid } = await fixture.slipway.start('run');
    const context = { fixture, pid, log };
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
    await first(lone, appFiles([0], 0), context);
    log(`deploying ${APPS} apps for the first time`);
    await first(many, { ...appFiles(plain, 0), ...baseFiles(0) }, context);
    const samples = await pushes(lone, many, context);
    return reportOf(samples, await pushBase(many, context));
  } finally {
    await Promise.all(open.map(({ watch }) => watch.close()));
    await raw.close();
    await fixture.close();
  }
}

async function first({ clone, namespace }: Repository, files: Record<string, string>, { fixture }: Context) {
  const pushed = await clone.push({ 'slipway.yaml': slipwayFile(namespace), ...files }, 'all');
  await fixture.finalStatus(clone, pushed.commit, 'production', 600_000);
}

/** Alternates the three kinds of pushes, so that other load on the machine affects them equally. */
async function pushes(lone: Repository, many: Repository, context: Context) {
  const samples = { lone: [] as Sample[], one: [] as Sample[], nothing: [] as Sample[] };
  for (let round = 1; round <= WARM_UP + ROUNDS; round += 1) {
    const found = {
      lone: await pushOne(lone, 0, round, context),
      one: await pushOne(many, round, round, context),
      nothing: await pushNothing(many, round, context),
    };
    context.log(
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
  { fixture, pid }: Context,
) {
  const before = await cpuOf(pid);
  const live = watch.live(version, OBJECTS_PER_APP);
  const pushed = await clone.push({ [appFile(appName(app))]: appText(appName(app), version) }, `v${version}`);
  const ms = (await live) - pushed.at;
  await fixture.finalStatus(clone, pushed.commit, 'production');
  return { ms, cpu: (await cpuOf(pid)) - before };
}

async function pushNothing({ clone }: Repository, round: number, { fixture, pid }: Context): Promise<Sample> {
  const before = await cpuOf(pid);
  const pushed = await clone.push({ 'docs/notes.md': `${round}\n` }, 'notes');
  const finalStatusAt = await fixture.finalStatus(clone, pushed.commit, 'production');
  return { ms: finalStatusAt - pushed.at, cpu: (await cpuOf(pid)) - before };
}

/** Changes the base, and counts the targets with a release of the commit. */
async function pushBase({ clone, watch }: Repository, { fixture, pid }: Context) {
  const version = 10_000;
  const before = await cpuOf(pid);
  const live = watch.live(version, ON_BASE * OBJECTS_PER_APP, 120_000);
  const pushed = await clone.push(baseFiles(version), 'base');
  const ms = (await live) - pushed.at;
  await fixture.finalStatus(clone, pushed.commit, 'production');
  const cpu = (await cpuOf(pid)) - before;
  const { slipway } = fixture;
  const query = new URLSearchParams({ limit: '1000', repository: `github/${clone.repo}` });
  const response = await fetch(`${slipway.url}/api/targets?${query}`, {
    headers: { authorization: `Bearer ${slipway.apiToken}` },
  });
  const { targets } = (await response.json()) as { targets: { release?: { commit: string } }[] };
  const releases = targets.filter(({ release }) => release?.commit === pushed.commit).length;
  return { ms, cpu, releases };
}

/** One base with all four objects, and an overlay for each app that sets the name prefix. */
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
