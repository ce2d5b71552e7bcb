import { createHash } from 'node:crypto';
import { join } from 'node:path';
import pLimit from 'p-limit';
import type { RenderLimits } from '../config/server-config.ts';
import type { RenderedObject } from '../model/object.ts';
import type { Target } from '../model/target.ts';
import type { Tree } from '../model/tree.ts';
import type { ClusterVersion, Rendered, Renderer } from '../ports/renderer.ts';
import type { Logger } from '../telemetry/logger.ts';
import { contentKeyOf } from './content-key.ts';
import { helmArguments, readHelm } from './helm/render.ts';
import { splitHooks } from './hooks.ts';
import { kustomizeArguments, readKustomize, withOrigins } from './kustomize/render.ts';
import { named } from './named.ts';
import { dropRepeated } from './objects.ts';
import { renderPlain } from './plain/render.ts';
import { inPrivateFolder, sweepPrivateFolders, writeFiles } from './process/private-folder.ts';
import { Programs, type RenderProgram } from './process/programs.ts';
import { type ProgramResult, runProgram } from './process/run-program.ts';
import type { Reach } from './reach.ts';
import { Reaches } from './reaches.ts';
import { RenderedCache } from './rendered-cache.ts';

export interface RendererOptions {
  programs: { helm: string; kustomize: string };
  /** Private to this host: the cache of rendered objects and the folders that programs work in. */
  dir: string;
  limits: RenderLimits;
  /** Only PATH is used, to find the programs. */
  env?: Record<string, string | undefined> | undefined;
  log: Logger;
}

type ClusterQuestion = () => Promise<ClusterVersion>;

/** Bytes of an app's own files; what it renders to is limited apart. */
const INPUT_BYTES = 64 * 1024 * 1024;

export function createRenderer(options: RendererOptions): Renderer {
  return new AppRenderer(options);
}

class AppRenderer implements Renderer {
  private readonly options: RendererOptions;
  private readonly programs: Programs;
  private readonly reaches: Reaches;
  private readonly cache: RenderedCache;
  private readonly keys = new WeakMap<Reach, Map<string, string>>();
  private readonly limit: <T>(work: () => Promise<T>) => Promise<T>;
  private swept: Promise<void> | undefined;

  constructor(options: RendererOptions) {
    const { programs, dir, limits, env, log } = options;
    this.options = options;
    this.programs = new Programs({ ...programs, path: env?.PATH, log });
    this.reaches = new Reaches(limits.maxFiles);
    this.cache = new RenderedCache(join(dir, 'rendered'), limits.cacheBytes);
    this.limit = pLimit(Math.max(1, limits.concurrency));
  }

  contentKey(target: Target, tree: Tree, cluster: ClusterQuestion): Promise<string> {
    return named(target, async () => {
      const reach = await this.reaches.of(target, tree);
      return this.keyOf(target, reach, await clusterFor(reach, cluster));
    });
  }

  decidedBy(target: Target): readonly string[] | undefined {
    return this.reaches.heldBy(target);
  }

  render(target: Target, tree: Tree, cluster: ClusterQuestion, signal: AbortSignal): Promise<Rendered> {
    return named(target, () => this.renderNow(target, tree, cluster, signal));
  }

  private async renderNow(
    target: Target,
    tree: Tree,
    cluster: ClusterQuestion,
    signal: AbortSignal,
  ): Promise<Rendered> {
    const reach = await this.reaches.of(target, tree);
    if (reach.renderer === 'plain') {
      const objects = await renderPlain(tree, [...reach.files.keys()], INPUT_BYTES);
      return finish(objects, target, reach);
    }
    const version = await clusterFor(reach, cluster);
    const key = cacheKey(target, await this.keyOf(target, reach, version));
    const known = await this.cache.get(key);
    if (known) return known;
    const objects = await this.limit(() => this.runProgram(target, tree, reach, version, signal));
    const rendered = finish(objects, target, reach);
    await this.cache.put(key, rendered).catch((error: unknown) => {
      this.options.log.warn({ err: error }, 'rendered output could not be cached');
    });
    return rendered;
  }

  /** A reach is the same value as long as nothing moved, so its key is computed once for each target that has it. */
  private async keyOf(target: Target, reach: Reach, cluster: ClusterVersion | undefined): Promise<string> {
    if (cluster !== undefined) return contentKeyOf(target, reach, await this.tools(reach), cluster);
    const known = this.keys.get(reach) ?? new Map<string, string>();
    this.keys.set(reach, known);
    const { id, namespace, helm, ignore } = target;
    const options = JSON.stringify([id, target.cluster, namespace, helm.releaseName, ignore]);
    const key = known.get(options) ?? contentKeyOf(target, reach, await this.tools(reach), cluster);
    known.set(options, key);
    return key;
  }

  private tools({ renderer, inflatesCharts }: Reach): Promise<string[]> {
    const names: RenderProgram[] = renderer === 'plain' ? [] : [renderer];
    if (inflatesCharts) names.push('helm');
    return Promise.all(names.map((name) => this.programs.version(name)));
  }

  private async runProgram(
    target: Target,
    tree: Tree,
    reach: Reach,
    cluster: ClusterVersion | undefined,
    signal: AbortSignal,
  ): Promise<RenderedObject[]> {
    signal.throwIfAborted();
    const parent = join(this.options.dir, 'work');
    this.swept ??= sweepPrivateFolders(parent);
    await this.swept;
    return inPrivateFolder(parent, async (folder) => {
      if (reach.renderer === 'helm') {
        await writeFiles(folder, tree, reach.files, INPUT_BYTES);
        const result = await this.run('helm', helmArguments(target, reach, cluster), folder, signal);
        return readHelm(result, { target, tree, reach });
      }
      const root = await withOrigins(target, tree, reach);
      await writeFiles(folder, tree, reach.files, INPUT_BYTES, root.replaced);
      const helm = reach.inflatesCharts ? await this.programs.path('helm') : undefined;
      const args = kustomizeArguments(target, reach, helm, cluster);
      return readKustomize(
        await this.run('kustomize', args, folder, signal),
        { target, tree, reach, folder },
        root,
      );
    });
  }

  private async run(
    name: RenderProgram,
    args: string[],
    cwd: string,
    signal: AbortSignal,
  ): Promise<ProgramResult> {
    const { timeoutMs, memoryBytes, outputBytes } = this.options.limits;
    const [program, unshare] = await Promise.all([this.programs.path(name), this.programs.unshare()]);
    return runProgram({ program, args, cwd, unshare, timeoutMs, memoryBytes, outputBytes, signal });
  }
}

async function clusterFor(reach: Reach, cluster: ClusterQuestion): Promise<ClusterVersion | undefined> {
  return reach.looksAtCluster ? cluster() : undefined;
}

/** The content key says nothing of where the app lies, but the places of its objects do. */
function cacheKey(target: Target, contentKey: string): string {
  return createHash('sha256')
    .update(JSON.stringify([contentKey, target.repository, target.path]))
    .digest('hex');
}

function finish(rendered: RenderedObject[], target: Target, { warnings }: Reach): Rendered {
  const { objects, skipped } = splitHooks(dropRepeated(rendered, target.namespace));
  return { objects, skipped, warnings, cached: false };
}
