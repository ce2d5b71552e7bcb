import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { connectionOf } from '../sandbox/connection.ts';
import { ForgeClient } from '../sandbox/forge/client.ts';
import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts';
import { prepareSlipway, type SandboxSlipway } from '../sandbox/slipway/start-slipway.ts';
import type { Release } from '../src/model/release.ts';
import { appFiles, OBJECTS, type Renderer, watchPaths } from './merge-to-live/app.ts';
import { percentile, type Report } from './report.ts';
import { type VersionWatch, watchVersions } from './support/observe.ts';

const PUSHES = 50;
/** Not measured: the first pushes make the JIT compile the code. */
const WARM_UP = 20;
/** Idle time before each push, so that the push before does not affect it. */
const IDLE_MS = 250;
const aims: Record<Renderer, number> = { plain: 100, kustomize: 180 };

const run$ = promisify(execFile);
const git = (dir: string, ...args: string[]) =>
  run$('git', ['-C', dir, '-c', 'user.name=bench', '-c', 'user.email=bench@example.com', ...args]);

/** Milliseconds of one push, by stage in order. */
interface Sample {
  /** From the end of the push to the response to the webhook. */
  delivered: number;
  /** From there to the new desired revision: fetch, slipway.yaml, content key. */
  intake: number;
  /** From there to the start of the release. */
  queued: number;
  rendering: number;
  checking: number;
  applying: number;
  /** From the end of the push to the last object's watch event. */
  live: number;
}

const stages = ['delivered', 'intake', 'queued', 'rendering', 'checking', 'applying', 'live'] as const;

/** Measures from the end of a push to the last object's watch event, with a real push and a real API server. */
export async function run(log: (line: string) => void): Promise<Report> {
  const sandbox = await startSandbox({ log });
  const slipway = await prepareSlipway({
    sandbox: connectionOf(sandbox),
    dir: join(sandbox.dir, 'slipway'),
  });
  try {
    await slipway.start('run');
    const samples: Record<Renderer, Sample[]> = { plain: [], kustomize: [] };
    for (const renderer of ['plain', 'kustomize'] as const) {
      samples[renderer] = await measure(renderer, sandbox, slipway, log);
    }
    return report(samples);
  } finally {
    await slipway.stop();
    await sandbox.stop();
  }
}

async function measure(
  renderer: Renderer,
  sandbox: Sandbox,
  slipway: SandboxSlipway,
  log: (line: string) => void,
) {
  const forge = new ForgeClient(sandbox.forge);
  const repo = `acme/bench-${renderer}`;
  const namespace = `bench-${renderer}`;
  await forge.createRepository('github', repo, { files: appFiles(renderer, namespace, 0) });
  await forge.addHook('github', repo, {
    url: slipway.webhookUrl('github'),
    secret: slipway.webhookSecret('github'),
  });
  const { url, token } = sandbox.forge.github;
  const clone = join(sandbox.dir, `clone-${renderer}`);
  const origin = `${url.replace('://', `://x-access-token:${token}@`)}/${repo}.git`;
  await run$('git', ['clone', '--quiet', origin, clone]);
  const watch = watchVersions(sandbox.kubeconfig, watchPaths(namespace));
  const samples: Sample[] = [];
  try {
    for (let version = 1; version <= WARM_UP + PUSHES; version += 1) {
      const sample = await pushOnce(version, { renderer, namespace, repo, clone, watch, forge, slipway });
      if (version > WARM_UP) samples.push(sample);
      if (version % 10 === 0)
        log(`${renderer}: ${version} pushes, the last one live after ${sample.live.toFixed(0)} ms`);
    }
  } finally {
    await watch.close();
    await rm(clone, { recursive: true });
  }
  return samples;
}

interface PushOptions {
  renderer: Renderer;
  namespace: string;
  repo: string;
  clone: string;
  watch: VersionWatch;
  forge: ForgeClient;
  slipway: SandboxSlipway;
}

async function pushOnce(version: number, options: PushOptions): Promise<Sample> {
  const { renderer, namespace, repo, clone, watch, forge, slipway } = options;
  for (const [path, text] of Object.entries(appFiles(renderer, namespace, version))) {
    const file = join(clone, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  await git(clone, 'commit', '--quiet', '-am', `v${version}`);
  await sleep(IDLE_MS);
  const live = watch.live(version, OBJECTS);
  await git(clone, 'push', '--quiet');
  const liveAt = await live;
  const { stdout } = await git(clone, 'rev-parse', 'HEAD');
  const commit = stdout.trim();
  const push = (await forge.pushes('github', repo)).at(-1);
  const delivery = (await forge.deliveries({ face: 'github', repo })).at(-1);
  const { release, desiredAt } = await endedRelease(slipway, repo, namespace, commit);
  const pushedAt = push?.endedAt ?? Number.NaN;
  const respondedAt = delivery?.attempts[0]?.respondedAt ?? Number.NaN;
  return {
    delivered: respondedAt - pushedAt,
    intake: desiredAt - respondedAt,
    queued: release.times.queued ?? Number.NaN,
    rendering: release.times.rendering ?? Number.NaN,
    checking: release.times.checking ?? Number.NaN,
    applying: release.times.applying ?? Number.NaN,
    live: liveAt - pushedAt,
  };
}

/** The release of the commit once it has ended, so that the next push finds Slipway idle. */
async function endedRelease(slipway: SandboxSlipway, repo: string, environment: string, commit: string) {
  const target = encodeURIComponent(`github/${repo}//app@${environment}`);
  for (let tries = 0; tries < 400; tries += 1) {
    const response = await fetch(`${slipway.url}/api/targets/history?target=${target}&limit=1`, {
      headers: { authorization: `Bearer ${slipway.apiToken}` },
    });
    const { releases } = (await response.json()) as { releases: Release[] };
    const [release] = releases;
    if (release?.commit === commit && release.endedAt !== undefined) {
      return { release, desiredAt: release.startedAt - (release.times.queued ?? 0) };
    }
    await sleep(25);
  }
  throw new Error(`the release of ${commit} did not end within 10 s`);
}

function report(samples: Record<Renderer, Sample[]>): Report {
  const at = (renderer: Renderer, stage: keyof Sample, share: number) =>
    percentile(
      samples[renderer].map((sample) => sample[stage]).sort((a, b) => a - b),
      share,
    );
  const cell = (renderer: Renderer, share: number) => (stage: keyof Sample) => [
    stage,
    at(renderer, stage, share).toFixed(1),
  ];
  const renderers = ['plain', 'kustomize'] as const;
  return {
    name: 'merge-to-live',
    columns: [...stages],
    figures: renderers.flatMap((renderer) => [
      { name: `${renderer} p50 ms`, cells: Object.fromEntries(stages.map(cell(renderer, 0.5))) },
      { name: `${renderer} p95 ms`, cells: Object.fromEntries(stages.map(cell(renderer, 0.95))) },
    ]),
    aims: renderers.map((renderer) => {
      const p50 = at(renderer, 'live', 0.5);
      return {
        text: `${renderer}: p50 ${p50.toFixed(0)} ms, aim ≤ ${aims[renderer]} ms`,
        met: p50 <= aims[renderer],
      };
    }),
    data: samples,
  };
}
