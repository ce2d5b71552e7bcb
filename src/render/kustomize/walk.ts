import { posix } from 'node:path';
import type { ErrorCode } from '../../errors.ts';
import { SlipwayError } from '../../errors.ts';
import type { Tree, TreeEntry } from '../../model/tree.ts';
import { kustomizationNames } from '../detect.ts';
import { type ChartMemos, ChartWalk } from '../helm/chart-walk.ts';
import { insideRepository, isBelow } from '../inside.ts';
import type { FileMemo } from '../memo.ts';
import { emptyReach, type Reach } from '../reach.ts';
import { isRecord } from '../record.ts';
import { lineOf, parseDocuments, type YamlDocument } from '../yaml/documents.ts';
import { chartFolder, chartsOf, type InflatedChart, inflatedChart } from './charts.ts';
import { pluginReferences, type Reference, referencesOf } from './references.ts';
import { isRemote, withoutCredentials } from './remote.ts';

export interface KustomizeMemos extends ChartMemos {
  yaml: FileMemo<YamlDocument[]>;
}

/** Where a reference was written. */
interface Writer {
  /** Folder that it is relative to. */
  folder: string;
  /** File that it stands in. */
  file: string;
}

/**
 * Walks an app's kustomization files as Kustomize would, without running it, and collects every file that it can reach.
 * What points to the web, out of the repository or to a program is refused here, before anything is started.
 */
export async function walkKustomize(
  root: string,
  tree: Tree,
  memos: KustomizeMemos,
  maxFiles: number,
): Promise<Reach> {
  const walk = new KustomizeWalk(tree, memos, maxFiles);
  await walk.folder(root, undefined);
  return walk.finish();
}

class KustomizeWalk {
  private readonly tree: Tree;
  private readonly memos: KustomizeMemos;
  private readonly maxFiles: number;
  private readonly reach: Reach = emptyReach('kustomize');
  private readonly visited = new Set<string>();
  /** Set where the configuration of plugins is itself the output of a kustomization, which may change its paths. */
  private hidesPaths: Writer | undefined;

  constructor(tree: Tree, memos: KustomizeMemos, maxFiles: number) {
    this.tree = tree;
    this.memos = memos;
    this.maxFiles = maxFiles;
  }

  async finish(): Promise<Reach> {
    if (!this.reach.unrestricted || this.hidesPaths === undefined) return this.reach;
    throw await this.error(
      'RENDER_FAILED',
      this.hidesPaths,
      '',
      'takes its plugins from a folder while files are read from outside of their kustomization',
      'List the plugin files one by one.',
    );
  }

  /** A folder with a kustomization; answers its file. */
  async folder(folder: string, from: { writer: Writer; written: string } | undefined): Promise<void> {
    if (this.visited.has(folder)) return;
    this.visited.add(folder);
    const files: string[] = [];
    for (const name of kustomizationNames) {
      const path = posix.join(folder, name);
      const entry = await this.tree.entry(path);
      if (entry === undefined) continue;
      if (entry.type !== 'blob') throw await this.notFollowed({ folder, file: path }, name, path, entry);
      this.add(path, entry);
      files.push(path);
    }
    for (const file of files) await this.kustomization({ folder, file });
    if (files.length > 0) return;
    const message = `the folder ${folder} has no kustomization.yaml`;
    if (from) throw await this.error('RENDER_FAILED', from.writer, from.written, message);
    throw new SlipwayError('RENDER_FAILED', message, { place: { file: folder } });
  }

  private async kustomization(writer: Writer): Promise<void> {
    for (const document of await this.documents(writer.file)) {
      if (!isRecord(document.value)) continue;
      for (const reference of referencesOf(document.value)) await this.follow(reference, writer);
      for (const chart of chartsOf(document.value)) await this.chart(chart, writer);
    }
  }

  private async follow(reference: Reference, writer: Writer): Promise<void> {
    const { kind, written } = reference;
    if (kind === 'patch' || kind === 'plugin') {
      const inline = inlineDocuments(written, writer.file);
      if (inline) return kind === 'plugin' ? this.plugins(inline, writer) : undefined;
    }
    const { path, entry } = await this.locate(reference, writer);
    if (entry.type === 'tree') return this.followFolder(reference, path, writer);
    if (kind === 'folder')
      throw await this.error(
        'RENDER_FAILED',
        writer,
        written,
        `${path} is a file, but ${reference.field} must be folders`,
      );
    this.add(path, entry);
    if (!isBelow(path, writer.folder)) this.reach.unrestricted = true;
    if (kind === 'plugin') await this.plugins(await this.documents(path), writer);
  }

  private async followFolder(
    { kind, field, written }: Reference,
    path: string,
    writer: Writer,
  ): Promise<void> {
    if (kind === 'file' || kind === 'patch') {
      throw await this.error(
        'RENDER_FAILED',
        writer,
        written,
        `${path} is a folder, but ${field} must be files`,
      );
    }
    const before = new Set(this.reach.files.keys());
    await this.folder(path, { writer, written });
    if (kind !== 'plugin') return;
    this.hidesPaths = writer;
    const added = [...this.reach.files.keys()].filter((file) => !before.has(file) && /\.ya?ml$/.test(file));
    for (const file of added) await this.plugins(await this.documents(file), writer, 'unless Kustomize');
  }

  /** Configurations of builtin plugins may name files; all other plugins are programs. */
  private async plugins(
    documents: YamlDocument[],
    writer: Writer,
    mode: 'all' | 'unless Kustomize' = 'all',
  ): Promise<void> {
    for (const { value } of documents) {
      if (!isRecord(value)) continue;
      const isKustomization =
        value.kind === undefined || value.kind === 'Kustomization' || value.kind === 'Component';
      if (mode === 'unless Kustomize' && (isKustomization || value.apiVersion !== 'builtin')) continue;
      if (value.apiVersion !== 'builtin') {
        throw await this.error(
          'RENDER_FAILED',
          writer,
          String(value.kind),
          `${value.apiVersion} ${value.kind} is a plugin that runs a program, which Slipway never does`,
          'Commit its output in place of it, or use a builtin plugin.',
        );
      }
      for (const reference of pluginReferences(value)) await this.follow(reference, writer);
      if (value.kind === 'HelmChartInflationGenerator') await this.chart(inflatedChart(value), writer);
    }
  }

  private async chart(chart: InflatedChart, writer: Writer): Promise<void> {
    const { name, repo, version, home, configHome, releaseName } = chart;
    const refuse = (written: string, message: string) =>
      this.error('RENDER_FAILED', writer, written, message);
    if (configHome !== '')
      throw await refuse('configHome', 'configHome is a folder of the machine and cannot be used');
    if (releaseName.startsWith('-'))
      throw await refuse('releaseName', `${releaseName} is not a release name`);
    const path = insideRepository(writer.folder, chartFolder(chart));
    if (path === undefined) throw await refuse(home, `the chart home ${home} is not in the repository`);
    if ((await this.tree.entry(path))?.type !== 'tree') {
      const message = `the chart ${name} is not at ${path}`;
      if (repo === '') throw await refuse(name, message);
      const to = posix.dirname(path);
      const command = `helm pull ${name} --repo ${withoutCredentials(repo)}${version === '' ? '' : ` --version ${version}`} --untar --untardir ${to}`;
      throw await this.error(
        'RENDER_REMOTE',
        writer,
        name,
        `${message}, and comes from ${withoutCredentials(repo)}`,
        `Run \`${command}\` and commit ${path}.`,
      );
    }
    if (!isBelow(path, writer.folder)) this.reach.unrestricted = true;
    this.reach.inflatesCharts = true;
    const walk = new ChartWalk(this.tree, this.memos, this.reach, this.maxFiles);
    await walk.collect(path, path);
    for (const written of chart.values) await this.chartValues(walk, written, writer);
  }

  private async chartValues(walk: ChartWalk, written: string, writer: Writer): Promise<void> {
    await this.follow({ kind: 'file', field: 'helmCharts', written }, writer);
    const { path, entry } = await this.locate({ kind: 'file', field: 'helmCharts', written }, writer);
    await walk.scanValues(path, entry.id);
  }

  /** What stands at a reference. Throws for what is remote, outside, a link or missing. */
  private async locate(
    { field, written }: Reference,
    writer: Writer,
  ): Promise<{ path: string; entry: TreeEntry }> {
    if (isRemote(written)) throw await this.remote(field, written, writer);
    const path = insideRepository(writer.folder, written);
    if (path === undefined) {
      throw await this.error(
        'RENDER_FAILED',
        writer,
        written,
        `${written} in ${field} is outside of the repository`,
        'Copy it into the repository and point to the copy.',
      );
    }
    const entry = await this.tree.entry(path);
    if (entry === undefined)
      throw await this.error('RENDER_FAILED', writer, written, `${path} in ${field} does not exist`);
    if (entry.type === 'symlink' || entry.type === 'submodule')
      throw await this.notFollowed(writer, written, path, entry);
    return { path, entry };
  }

  private remote(field: string, written: string, writer: Writer): Promise<SlipwayError> {
    const address = withoutCredentials(written);
    const hint = `Vendor it: \`kustomize localize ${writer.folder} vendored\`, commit what it writes and point slipway.yaml or ${field} to it.`;
    return this.error(
      'RENDER_REMOTE',
      writer,
      written,
      `${address} in ${field} is not in the repository`,
      hint,
    );
  }

  private notFollowed(
    writer: Writer,
    written: string,
    path: string,
    entry: TreeEntry,
  ): Promise<SlipwayError> {
    const what = entry.type === 'symlink' ? 'a symbolic link' : `a ${entry.type}`;
    return this.error('RENDER_FAILED', writer, written, `${path} is ${what}, which Slipway does not follow`);
  }

  private async documents(file: string): Promise<YamlDocument[]> {
    const entry = await this.tree.entry(file);
    return entry === undefined ? [] : this.memos.yaml.read(this.tree, file, entry.id);
  }

  private async error(
    code: ErrorCode,
    { file }: Writer,
    written: string,
    message: string,
    hint?: string,
  ): Promise<SlipwayError> {
    const text = (await this.tree.read(file)).toString('utf8');
    const line = written === '' ? undefined : lineOf(text, written);
    return new SlipwayError(code, message, { place: { file, line }, hint });
  }

  private add(path: string, entry: TreeEntry): void {
    this.reach.files.set(path, { path, id: entry.id });
    if (this.reach.files.size <= this.maxFiles) return;
    throw new SlipwayError('RENDER_LIMIT', `the kustomization reaches more than ${this.maxFiles} files`, {
      place: { file: path },
    });
  }
}

/** Kustomize takes an entry that is itself YAML of a mapping for the thing, not for its path. */
function inlineDocuments(written: string, file: string): YamlDocument[] | undefined {
  if (!/\n|: |^\s*\{/.test(written)) return undefined;
  const documents = parseDocuments(written, file);
  return documents.some(({ value }) => isRecord(value)) ? documents : undefined;
}
