import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PATIENCE_MS } from '../../sandbox/until.ts';
import type { RenderLimits } from '../../src/config/server-config.ts';
import type { Target } from '../../src/model/target.ts';
import type { ClusterVersion, Rendered, Renderer } from '../../src/ports/renderer.ts';
import { createRenderer } from '../../src/render/renderer.ts';
import { MemoryTree } from './memory-tree.ts';
import { silent, temporaryFolder } from './mirrors.ts';
import { sandbox } from './sandbox.ts';
import { aTarget } from './targets.ts';

export const clusterVersion: ClusterVersion = { version: 'v1.37.2', apiVersions: ['apps/v1', 'v1'] };

const limits: RenderLimits = {
  timeoutMs: PATIENCE_MS,
  memoryBytes: 1024 * 1024 * 1024,
  outputBytes: 16 * 1024 * 1024,
  maxFiles: 1000,
  concurrency: 2,
  cacheBytes: 64 * 1024 * 1024,
  unlocked: false,
};

/** The renderer with the sandbox's programs. */
export async function aRenderer(
  changed: Partial<RenderLimits> = {},
): Promise<{ renderer: Renderer; dir: string }> {
  const dir = await temporaryFolder();
  const renderer = createRenderer({
    engine: sandbox().programs['slipway-engine'],
    dir,
    limits: { ...limits, ...changed },
    env: process.env,
    log: silent,
  });
  return { renderer, dir };
}

/** The files of a repository, kept in memory, and a renderer with the sandbox's programs for an app of it. */
export class RenderedRepository {
  readonly dir: string;
  readonly target: Target;
  cluster: ClusterVersion = clusterVersion;
  /** How often the cluster was asked for its version. */
  clusterCalls = 0;
  private readonly renderer: Renderer;
  private files: Record<string, string>;

  private constructor(
    files: Record<string, string>,
    target: Target,
    made: { renderer: Renderer; dir: string },
  ) {
    this.files = files;
    this.target = target;
    this.renderer = made.renderer;
    this.dir = made.dir;
  }

  static async create(
    files: Record<string, string>,
    target: Partial<Target> = {},
    changed: Partial<RenderLimits> = {},
  ): Promise<RenderedRepository> {
    return new RenderedRepository(files, aTarget(target), await aRenderer(changed));
  }

  /** Null removes a file. */
  change(changes: Record<string, string | null>): void {
    const changed = Object.entries({ ...this.files, ...changes });
    this.files = Object.fromEntries(changed.filter((file): file is [string, string] => file[1] !== null));
  }

  async render(target: Partial<Target> = {}, signal = new AbortController().signal): Promise<Rendered> {
    return this.renderer.render(
      { ...this.target, ...target },
      new MemoryTree(this.files),
      () => this.askCluster(),
      signal,
    );
  }

  async key(target: Partial<Target> = {}): Promise<string> {
    return this.renderer.contentKey({ ...this.target, ...target }, new MemoryTree(this.files), () =>
      this.askCluster(),
    );
  }

  /** Folders that renders have left behind. */
  async leftBehind(): Promise<string[]> {
    return readdir(join(this.dir, 'work')).catch(() => []);
  }

  private async askCluster(): Promise<ClusterVersion> {
    this.clusterCalls += 1;
    return this.cluster;
  }
}

export const configMap = (name: string, data = 'x'): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  value: "${data}"\n`;
