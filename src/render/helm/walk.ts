import { posix } from 'node:path';
import { SlipwayError } from '../../errors.ts';
import type { Target } from '../../model/target.ts';
import type { Tree } from '../../model/tree.ts';
import { insideRepository } from '../inside.ts';
import { emptyReach, type Reach } from '../reach.ts';
import { type ChartMemos, ChartWalk } from './chart-walk.ts';

/** Where the chart lies in the private folder. */
export const CHART_MOUNT = 'chart';

/** What an app that is a chart reaches: the chart, its dependencies, the values files of its environment. */
export async function walkHelm(
  target: Target,
  tree: Tree,
  memos: ChartMemos,
  maxFiles: number,
): Promise<Reach> {
  const reach = emptyReach('helm');
  const walk = new ChartWalk(tree, memos, reach, maxFiles);
  for (const [index, written] of target.helm.values.entries()) {
    const path = insideRepository(target.path, written);
    const entry = path === undefined ? undefined : await tree.entry(path);
    if (path === undefined || entry?.type !== 'blob') throw missingValues(path ?? written);
    const mount = `values/${index}-${posix.basename(path)}`;
    reach.files.set(mount, { path, id: entry.id });
    reach.values.push(mount);
    await walk.scanValues(path, entry.id);
  }
  await walk.collect(target.path, CHART_MOUNT);
  return reach;
}

function missingValues(path: string): SlipwayError {
  return new SlipwayError('RENDER_FAILED', `the values file ${path} does not exist`, {
    place: { file: path },
    hint: 'Add the file, or correct helm.values in slipway.yaml.',
  });
}
