import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { RenderLimits } from '../config/server-config.ts';
import { errorOf, SlipwayError } from '../errors.ts';
import type { Failure } from '../model/failure.ts';
import type { Target } from '../model/target.ts';
import type { Tree } from '../model/tree.ts';
import type { ClusterVersion, Rendered, Renderer } from '../ports/renderer.ts';
import type { Logger } from '../telemetry/logger.ts';
import { contentKeyOf } from './content-key.ts';
import { EnginePool } from './engine/pool.ts';
import type { Ready } from './engine/protocol.ts';
import type { EngineOutput } from './engine/run-render.ts';
import { toFailure, toRendered } from './engine-output.ts';
import { findEngine } from './find-engine.ts';
import { named } from './named.ts';
import { type Reach, Reaches } from './reaches.ts';
import { renderFresh } from './render-fresh.ts';
import { RenderedCache } from './rendered-cache.ts';

export interface RendererOptions {
  /** `slipway-engine`, to be found through PATH, or its absolute path. */
  engine: string;
  /** Private to this host: what renders reached, and the cache of rendered objects. */
  dir: string;
  limits: RenderLimits;
  /** Only PATH is used. */
  env?: Record<string, string | undefined> | undefined;
  log: Logger;
}

type ClusterQuestion = () => Promise<ClusterVersion>;

/** The renderer of this process, whose engines start with the first render. */
export interface OpenRenderer extends Renderer {
  close(): void;
}

/** A render that takes longer than this makes room for others. */
const QUICK_MS = 250;

export function createRenderer(options: RendererOptions): OpenRenderer {
  return new AppRenderer(options);
}

/** What there is to work with once the engine has told its versions. */
interface Workshop {
  pool: EnginePool;
  reaches: Reaches;
  /** Versions of everything that may render otherwise. */
  versions: string;
}

class AppRenderer implements OpenRenderer {
  private readonly options: RendererOptions;
  private readonly cache: RenderedCache;
  private readonly keys = new WeakMap<Reach, Map<string, string>>();
  private readonly cutOff = new LRUCache<string, Failure>({ max: 1000, ttl: CUT_OFF_MS });
  private opened: Promise<Workshop> | undefined;
  private reaches: Reaches | undefined;

  constructor(options: RendererOptions) {
    this.options = options;
    this.cache = new RenderedCache(join(options.dir, 'rendered'), options.limits.cacheBytes);
  }

  contentKey(target: Target, tree: Tree, cluster: ClusterQuestion): Promise<string> {
    return named(target, async () => {
      const { reaches } = await this.workshop();
      const known = await reaches.find(target, tree);
      if (known) return this.holds(target, known, cluster);
      return (await this.fresh(target, tree, cluster, new AbortController().signal)).key;
    });
  }

  decidedBy(target: Target): readonly string[] | undefined {
    return this.reaches?.heldBy(target);
  }

  render(target: Target, tree: Tree, cluster: ClusterQuestion, signal: AbortSignal): Promise<Rendered> {
    return named(target, async () => {
      const { reaches } = await this.workshop();
      const known = await reaches.find(target, tree);
      const cached = known && (await this.cached(target, known, cluster));
      return cached ?? (await this.fresh(target, tree, cluster, signal)).rendered;
    });
  }

  close(): void {
    void this.opened?.then(
      ({ pool }) => pool.close(),
      () => undefined,
    );
  }

  /** The content key of what is known. Throws the failure that the render of it ended with. */
  private async holds(target: Target, reach: Reach, cluster: ClusterQuestion): Promise<string> {
    const key = await this.keyOf(target, reach, reach.asksCluster ? await cluster() : undefined);
    const failure = reach.failed?.key === key ? reach.failed.failure : this.cutOff.get(key);
    if (failure) throw errorOf(failure);
    return key;
  }

  private async cached(
    target: Target,
    reach: Reach,
    cluster: ClusterQuestion,
  ): Promise<Rendered | undefined> {
    return this.cache.get(cacheKey(target, await this.holds(target, reach, cluster)));
  }

  private async fresh(
    target: Target,
    tree: Tree,
    cluster: ClusterQuestion,
    signal: AbortSignal,
  ): Promise<{ key: string; rendered: Rendered }> {
    const { pool, reaches } = await this.workshop();
    const { output, looks, ...render } = await renderFresh(
      { target, tree, cluster, signal },
      pool,
      this.options.limits,
    );
    const reach: Reach = { ...looks, asksCluster: render.cluster !== undefined };
    const key = await this.keyOf(target, reach, render.cluster);
    const outcome = output.failure ? toFailure(output.failure) : renderedOf(output, target);
    const failure = 'code' in outcome ? outcome : undefined;
    if (failure && render.cutOff) this.cutOff.set(key, failure);
    else if (failure) reach.failed = { key, failure };
    await this.remember(() => reaches.keep(target, reach));
    if ('code' in outcome) throw errorOf(outcome);
    await this.remember(() => this.cache.put(cacheKey(target, key), outcome));
    return { key, rendered: outcome };
  }

  /** A disk that cannot be written costs time, and no release. */
  private async remember(write: () => Promise<void>): Promise<void> {
    await write().catch((error: unknown) => {
      this.options.log.warn({ err: error }, 'what was rendered could not be kept on disk');
    });
  }

  /** A reach is the same value as long as nothing moved, so its key is computed once for each target that has it. */
  private async keyOf(target: Target, reach: Reach, cluster: ClusterVersion | undefined): Promise<string> {
    const { versions } = await this.workshop();
    if (cluster !== undefined) return contentKeyOf(target, reach, versions, cluster);
    const known = this.keys.get(reach) ?? new Map<string, string>();
    this.keys.set(reach, known);
    const { id, cluster: name, namespace, helm, jsonnet, ignore } = target;
    const options = JSON.stringify([id, name, namespace, helm, jsonnet, ignore]);
    const key = known.get(options) ?? contentKeyOf(target, reach, versions, cluster);
    known.set(options, key);
    return key;
  }

  private workshop(): Promise<Workshop> {
    this.opened ??= this.open();
    this.opened.catch(() => {
      this.opened = undefined;
    });
    return this.opened;
  }

  private async open(): Promise<Workshop> {
    const { engine, env, limits, dir, log } = this.options;
    const program = await findEngine(engine, env?.PATH);
    const { concurrency: size } = limits;
    const pool = new EnginePool({ ...limits, program, size, quickMs: QUICK_MS });
    const ready = await pool.versions();
    if (!ready.locked)
      log.warn('renders run unlocked: the kernel does not keep the engine from files and network');
    const versions = versionsOf(ready);
    const reaches = new Reaches(join(dir, 'reaches'), versions);
    void this.remember(() => reaches.sweep());
    this.reaches = reaches;
    return { pool, versions, reaches };
  }
}

/** So long a render that was cut off is not tried again: on a machine with less to do it may be in time. */
const CUT_OFF_MS = 10 * 60_000;

function versionsOf({ protocol, kustomize, helm, jsonnet }: Ready): string {
  return JSON.stringify([protocol, kustomize, helm, jsonnet]);
}

function renderedOf(output: EngineOutput, target: Target): Rendered | Failure {
  try {
    return toRendered(output, target);
  } catch (error) {
    if (error instanceof SlipwayError) return error.failure;
    throw error;
  }
}

/** The content key says nothing of where the app lies, but the places of its objects do. */
function cacheKey(target: Target, contentKey: string): string {
  return createHash('sha256')
    .update(JSON.stringify([contentKey, target.repository, target.path]))
    .digest('hex');
}
