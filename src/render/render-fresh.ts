import type { RenderLimits } from '../config/server-config.ts';
import type { Target } from '../model/target.ts';
import type { Tree } from '../model/tree.ts';
import type { ClusterVersion } from '../ports/renderer.ts';
import { detectRenderer } from './detect.ts';
import { EngineDied } from './engine/engine-process.ts';
import { type EnginePool, RenderTimeout } from './engine/pool.ts';
import type { EngineFailure } from './engine/protocol.ts';
import { diedFailure, type EngineOutput, type RenderSource } from './engine/run-render.ts';
import { requestLimits, requestOf } from './engine-request.ts';
import { CommitFiles, failureOf } from './files/commit-files.ts';
import type { Looks } from './files/looks.ts';

export interface RenderJob {
  target: Target;
  tree: Tree;
  cluster: () => Promise<ClusterVersion>;
  signal: AbortSignal;
}

export interface FreshRender {
  output: EngineOutput;
  looks: Looks;
  /** Set if the render asked for it. */
  cluster: ClusterVersion | undefined;
  /** Its time was over: another time it may not be. */
  cutOff: boolean;
}

/** One render by an engine, with all it looked at. Throws what Git, the cluster and the signal say; wrong files are an answer. */
export async function renderFresh(
  { target, tree, cluster, signal }: RenderJob,
  pool: EnginePool,
  { timeoutMs, memoryBytes, ...limits }: RenderLimits,
): Promise<FreshRender> {
  const bounds = requestLimits({ timeoutMs, memoryBytes, ...limits });
  const start = new CommitFiles(tree, bounds);
  let files = start;
  let asked: ClusterVersion | undefined;
  const source = (): RenderSource => {
    files = start.fork();
    return {
      files,
      cluster: async () => {
        asked ??= await cluster();
        return asked;
      },
    };
  };
  const ended = async (failure: EngineFailure, cutOff = false): Promise<FreshRender> => {
    const output = { objects: [], warnings: [], failure, replace: true };
    return { output, looks: await files.looks(), cluster: asked, cutOff };
  };
  try {
    const renderer = await detectRenderer(target, start);
    const request = await requestOf(target, renderer, start, bounds);
    const output = await pool.run({ repository: target.repository, request, source, signal });
    return { output, looks: await files.looks(), cluster: asked, cutOff: false };
  } catch (error) {
    const failure = failureOf(error);
    if (failure) return ended(failure);
    if (error instanceof EngineDied) return ended(diedFailure(error, memoryBytes));
    if (!(error instanceof RenderTimeout)) throw error;
    return ended(
      { code: 'RENDER_LIMIT', summary: `the render took longer than ${timeoutMs / 1000} s` },
      true,
    );
  }
}
