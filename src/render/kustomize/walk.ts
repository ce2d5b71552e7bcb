import { posix } from 'node:path';
import { SlipwayError } from '../../errors.ts';
import type { Tree, TreeEntry } from '../../model/tree.ts';
import { kustomizationNames } from '../detect.ts';
import { type ChartMemos, ChartWalk } from '../helm/chart-walk.ts';
import { isBelow } from '../inside.ts';
import type { FileMemo } from '../memo.ts';
import { emptyReach, type Reach } from '../reach.ts';
import { isRecord } from '../record.ts';
import { parseDocuments, type YamlDocument } from '../yaml/documents.ts';
import { chartsOf, type InflatedChart, inflatedChart } from './charts.ts';
import { inflatedChartFolder } from './inflated-chart.ts';
import { pluginReferences, type Reference, referencesOf } from './references.ts';
import { locate, refuse, type Writer } from './refusal.ts';

export interface KustomizeMemos extends ChartMemos {
  yaml: FileMemo<YamlDocument[]>;
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
  await walk.folder(root);
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
    const message = 'plugins come from a folder while files are read from outside of their kustomization';
    throw await refuse(this.tree, this.hidesPaths, {
      written: '',
      message,
      hint: 'List the plugin files one by one.',
    });
  }

  /** A folder with a kustomization; `from` says where it was named. */
  async folder(folder: string, from?: { writer: Writer; written: string }): Promise<void> {
    if (this.visited.has(folder)) return;
    this.visited.add(folder);
    const files: string[] = [];
    for (const name of kustomizationNames) {
      const path = posix.join(folder, name);
      if ((await this.tree.entry(path)) === undefined) continue;
      const writer = { folder, file: path };
      const { entry } = await locate(this.tree, { field: 'resources', written: name }, writer);
      this.add(path, entry);
      files.push(path);
    }
    for (const file of files) await this.kustomization({ folder, file });
    if (files.length > 0) return;
    const message = `the folder ${folder} has no kustomization.yaml`;
    if (from) throw await refuse(this.tree, from.writer, { written: from.written, message });
    throw new SlipwayError('RENDER_FAILED', message, { place: { file: folder } });
  }

  private async kustomization(writer: Writer): Promise<void> {
    for (const { value } of await this.documents(writer.file)) {
      if (!isRecord(value)) continue;
      for (const reference of referencesOf(value)) await this.follow(reference, writer);
      for (const chart of chartsOf(value)) await this.chart(chart, writer);
    }
  }

  private async follow(reference: Reference, writer: Writer): Promise<void> {
    const { kind, field, written } = reference;
    const inline = kind === 'patch' || kind === 'plugin' ? inlineDocuments(written, writer.file) : undefined;
    if (inline) return kind === 'plugin' ? this.plugins(inline, writer) : undefined;
    const { path, entry } = await locate(this.tree, reference, writer);
    if (entry.type === 'tree') return this.followFolder(reference, path, writer);
    if (kind === 'folder') {
      throw await refuse(this.tree, writer, {
        written,
        message: `${path} is a file, but ${field} are folders`,
      });
    }
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
      throw await refuse(this.tree, writer, {
        written,
        message: `${path} is a folder, but ${field} are files`,
      });
    }
    const before = new Set(this.reach.files.keys());
    await this.folder(path, { writer, written });
    if (kind !== 'plugin') return;
    this.hidesPaths = writer;
    for (const file of this.reach.files.keys()) {
      if (before.has(file) || !/\.ya?ml$/.test(file)) continue;
      const documents = await this.documents(file);
      // Kustomize refuses the others itself: it is never told to allow plugins.
      await this.plugins(
        documents.filter(({ value }) => isRecord(value) && value.apiVersion === 'builtin'),
        writer,
      );
    }
  }

  /** Configurations of builtin plugins may name files; all other plugins are programs. */
  private async plugins(documents: YamlDocument[], writer: Writer): Promise<void> {
    for (const { value } of documents) {
      if (!isRecord(value)) continue;
      if (value.apiVersion !== 'builtin') {
        const message = `${value.apiVersion} ${value.kind} is a plugin that runs a program, which Slipway never does`;
        const hint = 'Commit its output in place of it, or use a builtin plugin.';
        throw await refuse(this.tree, writer, { written: '', message, hint });
      }
      for (const reference of pluginReferences(value)) await this.follow(reference, writer);
      if (value.kind === 'HelmChartInflationGenerator') await this.chart(inflatedChart(value), writer);
    }
  }

  private async chart(chart: InflatedChart, writer: Writer): Promise<void> {
    const path = await inflatedChartFolder(this.tree, chart, writer);
    if (!isBelow(path, writer.folder)) this.reach.unrestricted = true;
    this.reach.inflatesCharts = true;
    const walk = new ChartWalk(this.tree, this.memos, this.reach, this.maxFiles);
    await walk.collect(path, path);
    for (const written of chart.values) {
      const reference: Reference = { kind: 'file', field: 'helmCharts', written };
      await this.follow(reference, writer);
      const values = await locate(this.tree, reference, writer);
      await walk.scanValues(values.path, values.entry.id);
    }
  }

  private async documents(file: string): Promise<YamlDocument[]> {
    const entry = await this.tree.entry(file);
    return entry === undefined ? [] : this.memos.yaml.read(this.tree, file, entry.id);
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
