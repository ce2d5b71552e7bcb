import type { JsonValue, KubeObject } from '../../model/object.ts';
import type { RendererName } from '../../model/target.ts';
import type { ClusterVersion } from '../../ports/renderer.ts';

/**
 * What the host and the engine say to each other, one JSON value a frame; `engine/README.md` describes it. The engine
 * renders one request at a time, and asks for every file that it opens, lists or looks for.
 */
export interface RenderRequest {
  renderer: RendererName;
  /** Folder of the app in the repository. */
  path: string;
  namespace: string;
  releaseName: string;
  isUpgrade: boolean;
  revision: number;
  /** Values files in the repository, in their order. */
  values: string[];
  jsonnet?: {
    /** Folders in the repository. */
    libraries: string[];
    topLevel: Record<string, JsonValue>;
    external: Record<string, JsonValue>;
  };
  limits: RequestLimits;
}

export interface RequestLimits {
  files: number;
  fileBytes: number;
  /** Of all files together. */
  bytes: number;
  objects: number;
  outputBytes: number;
  looks: number;
  timeMs: number;
}

/** What the engine asks for: exactly one of these. */
export interface Ask {
  look?: string;
  list?: string;
  /** Of `list`: only folders, and names that end so, in any case. */
  suffixes?: string[] | null;
  read?: string[];
  cluster?: true;
}

export type EntryType = 'file' | 'folder' | 'missing';

/** A failure as the engine says it and as the host hands it in: its render then ends with it. */
export interface EngineFailure {
  code: 'RENDER_FAILED' | 'RENDER_REMOTE' | 'RENDER_LIMIT' | 'PATH_MISSING' | 'OBJECT_INVALID';
  summary: string;
  file?: string | undefined;
  line?: number | undefined;
  hint?: string | undefined;
  object?: { apiVersion: string; kind: string; namespace?: string; name: string } | undefined;
}

export interface EngineObject {
  object: KubeObject;
  file: string;
  line?: number;
  through?: string;
}

export interface Ready {
  protocol: number;
  locked: boolean;
  kustomize: string;
  helm: string;
  jsonnet: string;
}

/** A frame of the engine: exactly one of these. */
export interface FromEngine {
  ready?: Ready;
  unlocked?: { reason: string };
  ask?: Ask;
  objects?: EngineObject[];
  done?: { warnings: string[] | null; replace?: boolean };
  failed?: EngineFailure & { replace?: boolean };
}

export type Answer =
  | { type: EntryType }
  | { entries: { name: string; type: EntryType }[] }
  | ClusterVersion
  | { failure: EngineFailure };
