import type { RenderedObject } from '../../model/object.ts';
import type { SourcePlace } from '../../model/source-place.ts';
import type { Target } from '../../model/target.ts';
import type { Tree } from '../../model/tree.ts';
import type { ClusterVersion } from '../../ports/renderer.ts';
import { locate } from '../locate.ts';
import { toObjects } from '../objects.ts';
import type { ProgramResult } from '../process/run-program.ts';
import type { Reach } from '../reach.ts';
import { parseDocuments } from '../yaml/documents.ts';
import { helmFailure } from './failure.ts';
import { sourceFile } from './source-file.ts';
import { CHART_MOUNT } from './walk.ts';

/**
 * The arguments of `helm template` for an app. Everything of the author's stands behind a flag or after `--`, so that no
 * name can be taken for an option. Without a cluster the templates do not ask for one.
 */
export function helmArguments(target: Target, reach: Reach, cluster: ClusterVersion | undefined): string[] {
  const versions =
    cluster === undefined
      ? []
      : ['--kube-version', cluster.version, '--api-versions', cluster.apiVersions.join(',')];
  const values = reach.values.flatMap((file) => ['--values', file]);
  const flags = ['--include-crds', '--skip-tests', `--namespace=${target.namespace}`];
  return ['template', ...flags, ...versions, ...values, '--', target.helm.releaseName, CHART_MOUNT];
}

/**
 * The objects of Helm's output, each with the template it came from and its line there. Throws RENDER_FAILED,
 * OBJECT_INVALID.
 */
export async function readHelm(
  result: ProgramResult,
  { target, tree, reach }: { target: Target; tree: Tree; reach: Reach },
): Promise<RenderedObject[]> {
  if (result.code !== 0) throw helmFailure(result.stderr, target, reach);
  const documents = parseDocuments(result.stdout, `output of ${target.path}`);
  const objects = toObjects(documents, ({ offset }) => sourceAt(result.stdout, offset, target, reach));
  await locate(objects, tree);
  return objects;
}

const MARK = '\n# Source: ';

/** Helm writes `# Source: <chart>/<file>` above each manifest; documents after the first of a file follow theirs. */
function sourceAt(text: string, offset: number, target: Target, reach: Reach): SourcePlace {
  const start = text.lastIndexOf(MARK, offset);
  if (start < 0) return { file: target.path };
  const end = text.indexOf('\n', start + MARK.length);
  return { file: sourceFile(text.slice(start + MARK.length, end).trim(), reach) };
}
