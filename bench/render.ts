import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { findPrograms } from '../sandbox/programs/programs.ts';
import type { TreeEntry } from '../src/model/tree.ts';
import { EngineProcess } from '../src/render/engine/engine-process.ts';
import type { RenderRequest } from '../src/render/engine/protocol.ts';
import { runRender } from '../src/render/engine/run-render.ts';
import { CommitFiles } from '../src/render/files/commit-files.ts';
import { MemoryTree } from '../test/support/memory-tree.ts';
import { type Figure, median, type Report } from './report.ts';

const exec = promisify(execFile);

const WARM = 100;
const SPAWNED = 20;
const MANY = 2_000;
const MIB = 1024 * 1024;

const limits: RenderRequest['limits'] = {
  files: 1_000,
  fileBytes: 10 * MIB,
  bytes: 64 * MIB,
  objects: 10_000,
  outputBytes: 32 * MIB,
  looks: 10_000,
  timeMs: 60_000,
};

/** Answers from memory, as a commit's folders and files are when they were read once. */
class WarmTree extends MemoryTree {
  private readonly entries = new Map<string, Promise<TreeEntry | undefined>>();
  private readonly lists = new Map<string, Promise<TreeEntry[]>>();

  override entry(path: string): Promise<TreeEntry | undefined> {
    const known = this.entries.get(path) ?? super.entry(path);
    this.entries.set(path, known);
    return known;
  }

  override list(path: string): Promise<TreeEntry[]> {
    const known = this.lists.get(path) ?? super.list(path);
    this.lists.set(path, known);
    return known;
  }
}

interface Case {
  name: string;
  renderer: 'kustomize' | 'helm';
  files: Record<string, string>;
  tree?: WarmTree;
  /** The engine shall be so many times as fast as the program. */
  aim?: number;
}

const deployment = (name: string) =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}}\nspec:\n  selector: {matchLabels: {app: ${name}}}\n  template:\n    metadata: {labels: {app: ${name}}}\n    spec: {containers: [{name: web, image: "web:v1", ports: [{containerPort: 80}]}]}\n`;

/** An overlay with a patch, images and a generated ConfigMap over a base. */
function kustomization(objects: number): Record<string, string> {
  const names = Array.from({ length: objects - 1 }, (_, index) => `o${index}.yaml`);
  return {
    'app/kustomization.yaml':
      'resources: [base]\nnamespace: loans\nnamePrefix: p-\nimages: [{name: web, newTag: v2}]\npatches:\n- target: {kind: Deployment}\n  patch: |-\n    - {op: add, path: /spec/replicas, value: 2}\n',
    'app/base/kustomization.yaml': `resources: [${names.join(', ')}]\nconfigMapGenerator: [{name: settings, literals: [a=b]}]\n`,
    ...Object.fromEntries(names.map((name, index) => [`app/base/${name}`, deployment(`o${index}`)])),
  };
}

function chart(templates: number): Record<string, string> {
  const text = (index: number) =>
    `{{- if .Values.enabled }}\n${deployment(`{{ include "name" . }}-${index}`)}{{- end }}\n`;
  return {
    'app/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
    'app/values.yaml': 'enabled: true\n',
    'app/templates/_helpers.tpl': '{{- define "name" }}{{ .Release.Name | trunc 40 }}{{ end }}\n',
    ...Object.fromEntries(
      Array.from({ length: templates }, (_, index) => [`app/templates/t${index}.yaml`, text(index)]),
    ),
  };
}

const cases: Case[] = [
  { name: 'kustomization of 10 objects', renderer: 'kustomize', files: kustomization(10), aim: 4 },
  { name: 'kustomization of 51 objects', renderer: 'kustomize', files: kustomization(51) },
  { name: 'chart of 10 templates', renderer: 'helm', files: chart(10) },
  { name: 'chart of 40 templates', renderer: 'helm', files: chart(40), aim: 6 },
];

/** The engine against the spawned programs, alternately in the same run. */
export async function run(log: (line: string) => void): Promise<Report> {
  const programs = await findPrograms(log);
  const start = () =>
    EngineProcess.start({ program: programs['slipway-engine'], memoryBytes: 512 * MIB, unlocked: false });
  const figures: Figure[] = [];
  const aims: Report['aims'] = [];
  const data: object[] = [];
  for (const one of cases) {
    const begun = performance.now();
    const engine = await start();
    const started = performance.now() - begun;
    const [first] = await timesOf(1, () => byEngine(engine, one));
    const spawned: number[] = [];
    const warm: number[] = [];
    await inFolder(one, async (dir) => {
      for (let round = 0; round < SPAWNED; round++) {
        spawned.push(...(await timesOf(1, () => bySpawning(programs, one, dir))));
        warm.push(...(await timesOf(WARM / SPAWNED, () => byEngine(engine, one))));
      }
    });
    const many = await timesOf(MANY, () => byEngine(engine, one));
    const memory = await residentOf(engine.pid);
    engine.kill();
    const ratio = median(spawned) / median(warm);
    const row = {
      started,
      first,
      warm: median(warm),
      spawned: median(spawned),
      ratio,
      many: median(many),
      memory,
    };
    data.push({ name: one.name, ...row });
    figures.push({ name: one.name, cells: cellsOf(row) });
    if (one.aim)
      aims.push({ text: `${one.name}: ≥ ${one.aim} × the spawned program`, met: ratio >= one.aim });
    aims.push({ text: `${one.name}: at most 60 MiB after ${MANY} renders`, met: memory <= 60 });
  }
  return { name: 'render', columns: Object.keys(figures[0]?.cells ?? {}), figures, aims, data };
}

function cellsOf(
  row: Record<'started' | 'warm' | 'spawned' | 'ratio' | 'many' | 'memory', number> & {
    first?: number | undefined;
  },
) {
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  return {
    start: ms(row.started),
    first: ms(row.first ?? 0),
    warm: ms(row.warm),
    spawned: ms(row.spawned),
    ratio: `${row.ratio.toFixed(1)} ×`,
    [`of ${MANY}`]: ms(row.many),
    memory: `${row.memory} MiB`,
  };
}

async function byEngine(engine: EngineProcess, one: Case): Promise<void> {
  const { renderer, files } = one;
  one.tree ??= new WarmTree(files);
  const request: RenderRequest = {
    renderer,
    path: 'app',
    namespace: 'loans',
    releaseName: 'web',
    isUpgrade: false,
    revision: 1,
    values: [],
    limits,
  };
  const source = {
    files: new CommitFiles(one.tree, limits),
    cluster: async () => ({ version: 'v1.37.2', apiVersions: [] }),
  };
  const { failure, objects } = await runRender(engine, request, source, new AbortController().signal);
  if (failure || objects.length === 0) throw new Error(failure?.summary ?? 'nothing was rendered');
}

async function bySpawning(
  programs: { kustomize: string; helm: string },
  { renderer }: Case,
  dir: string,
): Promise<void> {
  const options = { cwd: dir, env: { HOME: dir }, maxBuffer: 64 * MIB };
  if (renderer === 'kustomize') await exec(programs.kustomize, ['build', 'app'], options);
  else await exec(programs.helm, ['template', '--include-crds', 'web', 'app'], options);
}

async function inFolder({ files }: Case, work: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-bench-render-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(dir, name)), { recursive: true });
      await writeFile(join(dir, name), text);
    }
    await work(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function timesOf(count: number, work: () => Promise<void>): Promise<number[]> {
  const times: number[] = [];
  for (let at = 0; at < count; at++) {
    const begun = performance.now();
    await work();
    times.push(performance.now() - begun);
  }
  return times;
}

/** MiB that are resident (proc(5)). */
async function residentOf(pid: number | undefined): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(text)?.[1]) / 1024);
}
