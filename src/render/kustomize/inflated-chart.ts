import { posix } from 'node:path';
import type { Tree } from '../../model/tree.ts';
import { insideRepository } from '../inside.ts';
import { chartFolder, type InflatedChart } from './charts.ts';
import { type Refusal, refuse, type Writer } from './refusal.ts';
import { withoutCredentials } from './remote.ts';

/**
 * The folder of a chart that a kustomization inflates. Kustomize would pull what is not there, hand a configuration folder
 * of the machine to Helm, and put the release's name on Helm's command line as it is: none of that is let through.
 */
export async function inflatedChartFolder(tree: Tree, chart: InflatedChart, writer: Writer): Promise<string> {
  const { name, home, configHome, releaseName, repo } = chart;
  const no = (written: string, message: string, more: Partial<Refusal> = {}) =>
    refuse(tree, writer, { written, message, ...more });
  if (configHome !== '')
    throw await no('configHome', 'configHome is a folder of the machine and cannot be used');
  if (releaseName.startsWith('-')) throw await no('releaseName', `${releaseName} is not a release name`);
  const path = insideRepository(writer.folder, chartFolder(chart));
  if (path === undefined) throw await no(home, `the chart home ${home} is not in the repository`);
  if ((await tree.entry(path))?.type === 'tree') return path;
  const message = `the chart ${name} is not at ${path}`;
  if (repo === '') throw await no(name, message);
  throw await no(name, `${message}, and comes from ${withoutCredentials(repo)}`, {
    code: 'RENDER_REMOTE',
    hint: `Run \`${pullCommand(chart, posix.dirname(path))}\` and commit ${path}.`,
  });
}

function pullCommand({ name, repo, version }: InflatedChart, to: string): string {
  const wanted = version === '' ? '' : ` --version ${version}`;
  return `helm pull ${name} --repo ${withoutCredentials(repo)}${wanted} --untar --untardir ${to}`;
}
