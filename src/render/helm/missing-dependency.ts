import { posix } from 'node:path';
import { SlipwayError } from '../../errors.ts';
import type { Tree } from '../../model/tree.ts';
import { insideRepository } from '../inside.ts';
import { lineOf } from '../yaml/documents.ts';
import type { Dependency } from './chart-dependencies.ts';

/** The folder of a `file://` dependency in the repository; undefined for all others and for what leaves it. */
export function dependencyFolder({ repository }: Dependency, chart: string): string | undefined {
  if (!repository.startsWith('file://')) return undefined;
  return insideRepository(chart, repository.slice('file://'.length));
}

/** The error for a dependency that is neither in `charts/` nor a folder of the repository. */
export async function missingDependency(
  tree: Tree,
  dependency: Dependency,
  chart: string,
): Promise<SlipwayError> {
  const { name, repository } = dependency;
  const file = posix.join(chart, 'Chart.yaml');
  const text = await tree.read(file).catch(() => Buffer.from(''));
  const place = { file, line: lineOf(text.toString('utf8'), name) };
  const local = repository.startsWith('file://');
  if (local || repository === '') {
    const where = local ? `at ${repository}, which is no folder of the repository` : 'in charts/';
    return new SlipwayError('RENDER_FAILED', `the dependency ${name} of the chart ${chart} is not ${where}`, {
      place,
      hint: 'Add the chart, or correct the dependency.',
    });
  }
  const from = repository.replace(/\/\/[^/@\s]+@/, '//');
  return new SlipwayError(
    'RENDER_REMOTE',
    `the dependency ${name} of the chart ${chart} comes from ${from} and is not in charts/`,
    {
      place,
      hint: `Run \`helm dependency build ${chart}\` and commit ${chart}/charts.`,
    },
  );
}
