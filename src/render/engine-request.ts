import { posix } from 'node:path';
import type { RenderLimits } from '../config/server-config.ts';
import type { RendererName, Target } from '../model/target.ts';
import type { RenderRequest, RequestLimits } from './engine/protocol.ts';
import type { CommitFiles } from './files/commit-files.ts';
import { Refusal } from './files/refusal.ts';
import { insideRepository } from './inside.ts';

const MIB = 1024 * 1024;
/** Bytes of one file of an app. */
const FILE_BYTES = 10 * MIB;
/** Bytes of an app's own files; what it renders to is limited apart. */
const INPUT_BYTES = 64 * MIB;
/** More than any app that people wrote. */
const MAX_OBJECTS = 20_000;
/** Kustomize looks for three names in each folder, and for what may be a folder or a file. */
const LOOKS_PER_FILE = 4;

/** The limits of one render, as the engine and its host count them. */
export function requestLimits({ maxFiles, outputBytes, timeoutMs }: RenderLimits): RequestLimits {
  return {
    files: maxFiles,
    fileBytes: FILE_BYTES,
    bytes: INPUT_BYTES,
    objects: MAX_OBJECTS,
    outputBytes,
    looks: maxFiles * LOOKS_PER_FILE,
    timeMs: timeoutMs,
  };
}

/** What the engine is asked for. Throws Refusal for a values file that is not there. */
export async function requestOf(
  target: Target,
  renderer: RendererName,
  files: CommitFiles,
  limits: RequestLimits,
): Promise<RenderRequest> {
  const { path, namespace, helm, jsonnet } = target;
  const values = renderer === 'helm' ? await valuesOf(target, files) : [];
  return {
    renderer,
    path,
    namespace,
    releaseName: helm.releaseName,
    isUpgrade: false,
    revision: 1,
    values,
    ...(jsonnet && {
      jsonnet: {
        libraries: jsonnet.libraries.map((library) => posix.join(path, library)),
        topLevel: jsonnet.arguments,
        external: jsonnet.variables,
      },
    }),
    limits,
  };
}

async function valuesOf({ path, helm }: Target, files: CommitFiles): Promise<string[]> {
  const found: string[] = [];
  for (const written of helm.values) {
    const file = insideRepository(path, written);
    if (file === undefined || (await files.look(file)) !== 'file')
      throw new Refusal(file ?? written, `the values file ${file ?? written} does not exist`, {
        hint: 'Add the file, or correct helm.values in slipway.yaml.',
      });
    found.push(file);
  }
  return found;
}
