import { posix } from 'node:path';
import type { KubeObject, RenderedObject } from '../../model/object.ts';
import type { SourcePlace } from '../../model/source-place.ts';
import type { Target } from '../../model/target.ts';
import type { Tree } from '../../model/tree.ts';
import type { ClusterVersion } from '../../ports/renderer.ts';
import { kustomizationNames } from '../detect.ts';
import { locate } from '../locate.ts';
import { toObjects } from '../objects.ts';
import type { ProgramResult } from '../process/run-program.ts';
import type { Reach } from '../reach.ts';
import { isRecord, textsIn } from '../record.ts';
import { parseDocuments } from '../yaml/documents.ts';
import { type FailedBuild, kustomizeFailure } from './failure.ts';

const ORIGIN = 'config.kubernetes.io/origin';
const ORIGIN_OPTION = 'originAnnotations';

/** Keys of a kustomization that only collect. */
const only = ['apiVersion', 'kind', 'metadata', 'resources', 'bases', 'buildMetadata', 'namespace'];

/** The arguments of `kustomize build` for an app, in a folder that holds the repository's reached files. */
export function kustomizeArguments(
  target: Target,
  reach: Reach,
  helm: string | undefined,
  cluster: ClusterVersion | undefined,
): string[] {
  const last = ['--', `./${target.path}`];
  const restrictor = reach.unrestricted ? ['--load-restrictor=LoadRestrictionsNone'] : [];
  const charts = helm === undefined ? [] : ['--enable-helm', `--helm-command=${helm}`];
  const versions =
    cluster === undefined
      ? []
      : [`--helm-kube-version=${cluster.version}`, `--helm-api-versions=${cluster.apiVersions.join(',')}`];
  return ['build', ...restrictor, ...charts, ...versions, ...last];
}

export interface RootKustomization {
  /** Path → content in place of the repository's. */
  replaced: Map<string, string>;
  /** The author wants the origin annotations on the cluster. */
  keepsOrigin: boolean;
  /** It changes what its resources say. */
  changes: boolean;
  file?: string | undefined;
}

/**
 * The app's kustomization file with `originAnnotations` switched on, so that every object says which file it comes from.
 * Only this option of the root counts, and it changes nothing but the annotation.
 */
export async function withOrigins(target: Target, tree: Tree, reach: Reach): Promise<RootKustomization> {
  const path = kustomizationNames
    .map((name) => posix.join(target.path, name))
    .find((each) => reach.files.has(each));
  const unknown = { replaced: new Map<string, string>(), keepsOrigin: false, changes: false, file: path };
  if (path === undefined) return unknown;
  const [document] = parseDocuments((await tree.read(path)).toString('utf8'), path);
  if (!isRecord(document?.value)) return unknown;
  const root = { ...unknown, changes: Object.keys(document.value).some((key) => !only.includes(key)) };
  const options = textsIn(document.value.buildMetadata);
  if (options.includes(ORIGIN_OPTION)) return { ...root, keepsOrigin: true };
  const changed = { ...document.value, buildMetadata: [...options, ORIGIN_OPTION] };
  return { ...root, replaced: new Map([[path, JSON.stringify(changed)]]) };
}

/** The objects of Kustomize's output, each with the file it came from. Throws RENDER_FAILED, OBJECT_INVALID. */
export async function readKustomize(
  result: ProgramResult,
  build: Omit<FailedBuild, 'stderr'>,
  root: Pick<RootKustomization, 'keepsOrigin' | 'changes' | 'file'>,
): Promise<RenderedObject[]> {
  const { target, tree } = build;
  if (result.code !== 0) throw await kustomizeFailure({ ...build, stderr: result.stderr });
  const documents = parseDocuments(result.stdout, `output of ${target.path}`);
  const objects = toObjects(documents, () => ({ file: target.path }));
  for (const each of objects) {
    each.source = throughRoot(originOf(each.object, target.path), target.path, root);
    if (!root.keepsOrigin) dropOrigin(each.object);
  }
  await locate(objects, tree);
  return objects;
}

/** A base has a kustomization of its own, and patches name no object. */
function throughRoot(
  origin: SourcePlace,
  app: string,
  { changes, file }: Pick<RootKustomization, 'changes' | 'file'>,
): SourcePlace {
  const isBase = posix.dirname(origin.file) !== posix.normalize(app);
  return (changes || isBase) && file !== origin.file ? { ...origin, through: file } : origin;
}

/** `path: ../base/deployment.yaml`, or for generated objects `configuredIn: ../base/kustomization.yaml`. */
function originOf(object: KubeObject, app: string): SourcePlace {
  const { annotations } = object.metadata;
  const text = isRecord(annotations) ? annotations[ORIGIN] : undefined;
  if (typeof text !== 'string') return { file: app };
  const [, written] = /^(?:path|configuredIn): (.+)$/m.exec(text) ?? [];
  return { file: written === undefined ? app : posix.join(app, written) };
}

function dropOrigin({ metadata }: KubeObject): void {
  const { annotations } = metadata;
  if (!isRecord(annotations)) return;
  delete annotations[ORIGIN];
  if (Object.keys(annotations).length === 0) delete metadata.annotations;
}
