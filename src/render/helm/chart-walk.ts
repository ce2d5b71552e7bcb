import { posix } from 'node:path';
import { SlipwayError } from '../../errors.ts';
import type { Tree, TreeEntry } from '../../model/tree.ts';
import type { FileMemo } from '../memo.ts';
import type { Reach } from '../reach.ts';
import type { ChartFile, Dependency } from './chart-dependencies.ts';
import { dependencyFolder, missingDependency } from './missing-dependency.ts';
import type { TemplateScan } from './template-scan.ts';

export interface ChartMemos {
  charts: FileMemo<ChartFile>;
  templates: FileMemo<TemplateScan>;
}

interface Chart {
  /** Folder in the repository. */
  path: string;
  /** Folder in the private folder. */
  mount: string;
  /** How `# Source:` begins for its files. */
  source: string;
}

/** What Helm itself reads of a chart; everything else only `.Files` can reach. */
const ownFiles = new Set([
  'Chart.yaml',
  'Chart.lock',
  'requirements.yaml',
  'requirements.lock',
  'values.yaml',
  'values.schema.json',
  '.helmignore',
]);

/**
 * Collects a chart with its vendored and `file://` dependencies into the reach. A file that no template can
 * see (a README, the values of another environment) is neither written nor part of the key.
 */
export class ChartWalk {
  private readonly tree: Tree;
  private readonly memos: ChartMemos;
  private readonly reach: Reach;
  private readonly maxFiles: number;
  private readonly others: { path: string; mount: string; id: string }[] = [];
  private readsFiles = false;

  constructor(tree: Tree, memos: ChartMemos, reach: Reach, maxFiles: number) {
    this.tree = tree;
    this.memos = memos;
    this.reach = reach;
    this.maxFiles = maxFiles;
  }

  /** Throws RENDER_REMOTE, RENDER_FAILED, RENDER_LIMIT with file and line. */
  async collect(path: string, mount: string): Promise<void> {
    const { name } = await this.chartFile(path);
    await this.walk({ path, mount, source: name });
    if (!this.readsFiles) return;
    for (const { path: file, mount: at, id } of this.others) this.add(at, file, id);
  }

  /** Values may hold templates too, for `tpl`. */
  async scanValues(path: string, id: string): Promise<void> {
    this.note(await this.memos.templates.read(this.tree, path, id), path);
  }

  private async walk(chart: Chart): Promise<void> {
    this.reach.sources.set(chart.source, chart.path);
    const file = await this.chartFile(chart.path);
    if (file.hasKubeVersion) this.reach.looksAtCluster = true;
    for (const entry of await this.tree.list(chart.path)) await this.sort(entry, chart, file);
    for (const dependency of await this.dependencies(chart.path, file)) {
      await this.resolve(dependency, chart, file);
    }
  }

  private async sort(entry: TreeEntry, chart: Chart, file: ChartFile): Promise<void> {
    const path = posix.join(chart.path, entry.name);
    const mount = posix.join(chart.mount, entry.name);
    if (entry.name === 'charts' && entry.type === 'tree') return this.walkCharts(path, chart, file);
    if (entry.name === 'templates' || entry.name === 'crds') {
      return this.addAll(entry, path, mount, entry.name === 'templates');
    }
    if (!ownFiles.has(entry.name)) return this.keepOther(entry, path, mount);
    this.addEntry(entry, path, mount);
    if (entry.name === 'values.yaml') await this.scanValues(path, entry.id);
  }

  /** Helm loads every folder and archive in `charts/` whose name does not begin with `_` or a dot. */
  private async walkCharts(folder: string, chart: Chart, file: ChartFile): Promise<void> {
    for (const entry of await this.tree.list(folder)) {
      const path = posix.join(folder, entry.name);
      const mount = posix.join(chart.mount, 'charts', entry.name);
      if (/^[._]/.test(entry.name)) continue;
      if (entry.type === 'tree') await this.walkSubchart(path, mount, chart, file);
      else if (entry.name.endsWith('.tgz')) this.addArchive(entry, path, mount, chart);
      else if (entry.type !== 'blob') throw notFollowed(path, entry);
    }
  }

  private async walkSubchart(path: string, mount: string, parent: Chart, file: ChartFile): Promise<void> {
    const { name } = await this.chartFile(path);
    const aliases = file.dependencies.flatMap((each) =>
      each.name === name && each.alias ? [each.alias] : [],
    );
    for (const alias of aliases) this.reach.sources.set(`${parent.source}/charts/${alias}`, path);
    await this.walk({ path, mount, source: `${parent.source}/charts/${name}` });
  }

  /** An archive is not looked into: it may hold anything. */
  private addArchive(entry: TreeEntry, path: string, mount: string, parent: Chart): void {
    this.addEntry(entry, path, mount);
    this.readsFiles = true;
    this.reach.looksAtCluster = true;
    const name = entry.name.replace(/-v?\d+\..*$/, '');
    this.reach.sources.set(`${parent.source}/charts/${name}`, path);
  }

  private async dependencies(path: string, file: ChartFile): Promise<Dependency[]> {
    const older = await this.tree.entry(posix.join(path, 'requirements.yaml'));
    if (older?.type !== 'blob') return file.dependencies;
    const { dependencies } = await this.memos.charts.read(
      this.tree,
      posix.join(path, 'requirements.yaml'),
      older.id,
    );
    return [...file.dependencies, ...dependencies];
  }

  /** A dependency that is not in `charts/` comes from the repository (`file://`) or is an error. */
  private async resolve(dependency: Dependency, chart: Chart, file: ChartFile): Promise<void> {
    if (await this.isVendored(dependency, chart.path)) return;
    const folder = dependencyFolder(dependency, chart.path);
    if (folder === undefined || (await this.tree.entry(folder))?.type !== 'tree') {
      throw await missingDependency(this.tree, dependency, chart.path);
    }
    const mount = posix.join(chart.mount, 'charts', folder.replaceAll('/', '-'));
    if (!this.reach.files.has(posix.join(mount, 'Chart.yaml'))) {
      await this.walkSubchart(folder, mount, chart, file);
    }
  }

  private async isVendored({ name }: Dependency, path: string): Promise<boolean> {
    const entries = await this.tree.list(posix.join(path, 'charts'));
    for (const entry of entries) {
      if (entry.type === 'blob' && entry.name.startsWith(`${name}-`) && entry.name.endsWith('.tgz'))
        return true;
      if (entry.type !== 'tree') continue;
      if (entry.name === name) return true;
      const file = posix.join(path, 'charts', entry.name, 'Chart.yaml');
      const chart = await this.tree.entry(file);
      if (chart?.type === 'blob' && (await this.memos.charts.read(this.tree, file, chart.id)).name === name)
        return true;
    }
    return false;
  }

  private async chartFile(path: string): Promise<ChartFile> {
    const file = posix.join(path, 'Chart.yaml');
    const entry = await this.tree.entry(file);
    if (entry?.type === 'blob') return this.memos.charts.read(this.tree, file, entry.id);
    throw new SlipwayError('RENDER_FAILED', `the chart ${path} has no Chart.yaml`, { place: { file } });
  }

  private async addAll(entry: TreeEntry, path: string, mount: string, isTemplates: boolean): Promise<void> {
    if (entry.type !== 'tree') {
      this.addEntry(entry, path, mount);
      // What Helm prints for people is no part of the output.
      if (isTemplates && entry.name !== 'NOTES.txt')
        this.note(await this.memos.templates.read(this.tree, path, entry.id), path);
      return;
    }
    for (const inner of await this.tree.list(path)) {
      await this.addAll(inner, posix.join(path, inner.name), posix.join(mount, inner.name), isTemplates);
    }
  }

  private async keepOther(entry: TreeEntry, path: string, mount: string): Promise<void> {
    if (entry.type === 'blob') this.others.push({ path, mount, id: entry.id });
    if (entry.type !== 'tree') return;
    for (const inner of await this.tree.list(path)) {
      await this.keepOther(inner, posix.join(path, inner.name), posix.join(mount, inner.name));
    }
  }

  private note(scan: TemplateScan, path: string): void {
    if (scan.readsFiles) this.readsFiles = true;
    if (scan.looksAtCluster) this.reach.looksAtCluster = true;
    for (const { name, line } of scan.random) {
      this.reach.warnings.push(`${path}:${line} uses ${name}, which gives something else at each render`);
    }
    for (const line of scan.lookups) {
      this.reach.warnings.push(`${path}:${line} uses lookup, which finds nothing: no cluster is asked`);
    }
  }

  private addEntry(entry: TreeEntry, path: string, mount: string): void {
    if (entry.type !== 'blob') throw notFollowed(path, entry);
    this.add(mount, path, entry.id);
  }

  private add(mount: string, path: string, id: string): void {
    this.reach.files.set(mount, { path, id });
    if (this.reach.files.size <= this.maxFiles) return;
    throw new SlipwayError('RENDER_LIMIT', `the chart has more than ${this.maxFiles} files`, {
      place: { file: path },
    });
  }
}

function notFollowed(path: string, entry: TreeEntry): SlipwayError {
  const what = entry.type === 'symlink' ? 'a symbolic link' : `a ${entry.type}`;
  return new SlipwayError('RENDER_FAILED', `${path} is ${what}, which Slipway does not follow`, {
    place: { file: path },
    hint: 'Put the file itself there.',
  });
}
