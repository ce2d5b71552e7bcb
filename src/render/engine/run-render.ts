import { SlipwayError } from '../../errors.ts';
import type { ClusterVersion } from '../../ports/renderer.ts';
import { type CommitFiles, failureOf } from '../files/commit-files.ts';
import type { EngineDied, EngineProcess } from './engine-process.ts';
import { encodeFrame, frameOf } from './frames.ts';
import type { Ask, EngineFailure, EngineObject, FromEngine, RenderRequest } from './protocol.ts';

/** What a render needs of the host. */
export interface RenderSource {
  files: CommitFiles;
  /** Asked at most once, and only if the output may depend on it. */
  cluster: () => Promise<ClusterVersion>;
}

export interface EngineOutput {
  objects: EngineObject[];
  warnings: string[];
  failure?: EngineFailure | undefined;
  /** The process must not render anything else. */
  replace: boolean;
}

/**
 * One render in one engine: sends the request, answers what the engine asks, collects what it gives. Resolves also where the
 * files are wrong (`failure`). Throws EngineDied where the process ended, the signal's reason, and what Git or the cluster threw;
 * the process is of no use after any of these.
 */
export async function runRender(
  engine: EngineProcess,
  request: RenderRequest,
  source: RenderSource,
  signal: AbortSignal,
): Promise<EngineOutput> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      signal.removeEventListener('abort', onAbort);
      engine.kill();
      reject(error);
    };
    const onAbort = () => fail(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    const objects: EngineObject[] = [];
    const onFrame = ({ ask, objects: some, done, failed }: FromEngine) => {
      if (ask) answer(ask, source).then((frame) => engine.send(frame), fail);
      if (some) for (const one of some) objects.push(one);
      if (!done && !failed) return;
      signal.removeEventListener('abort', onAbort);
      engine.listen(
        () => undefined,
        () => undefined,
      );
      const { replace = false, ...failure } = failed ?? {};
      resolve({
        objects,
        warnings: done?.warnings ?? [],
        failure: failed ? (failure as EngineFailure) : undefined,
        replace: replace || done?.replace === true,
      });
    };
    engine.listen(onFrame, (error) => fail(signal.aborted ? signal.reason : error));
    engine.send(encodeFrame({ render: request })).catch(fail);
  });
}

async function answer(ask: Ask, { files, cluster }: RenderSource): Promise<Buffer> {
  try {
    if (ask.read) return await answerFiles(ask.read, files);
    if (ask.look !== undefined) return encodeFrame({ answer: { type: await files.look(ask.look) } });
    if (ask.list !== undefined)
      return encodeFrame({ answer: { entries: await files.list(ask.list, ask.suffixes ?? []) } });
    if (ask.cluster) return encodeFrame({ answer: await cluster() });
    throw new SlipwayError('INTERNAL', 'the engine asks for something that the host does not know');
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined) throw error;
    return encodeFrame({ answer: { failure } });
  }
}

/** As base64: it needs no escapes, so even files of 10 MB are written in a few milliseconds. */
async function answerFiles(paths: string[], files: CommitFiles): Promise<Buffer> {
  const parts: string[] = [];
  for (const path of paths) {
    const content = await files.read(path);
    parts.push(content === undefined ? '{"missing":true}' : `{"base64":"${content.toString('base64')}"}`);
  }
  return frameOf(['{"answer":{"files":[', parts.join(','), ']}}']);
}

/** What a person hears of a render whose process ended. */
export function diedFailure(error: EngineDied, memoryBytes: number): EngineFailure {
  if (!error.outOfMemory)
    return { code: 'RENDER_FAILED', summary: 'the render engine ended while it rendered the app' };
  const limit = Math.floor(memoryBytes / (1024 * 1024));
  return { code: 'RENDER_LIMIT', summary: `the render needed more than ${limit} MiB of memory` };
}
