import type { Context } from '../context.ts';
import { ForgeFailure } from '../failure.ts';
import { git } from '../git/run.ts';
import type { PipelineRecord, Repository } from '../state.ts';

const branchWith = async (repository: Repository, sha: string): Promise<string> => {
  const args = ['for-each-ref', '--contains', sha, '--format=%(refname:short)', 'refs/heads'];
  const names = (await git(repository.dir, args)).split('\n').filter((name) => name !== '');
  const [first] = names.includes(repository.defaultBranch) ? [repository.defaultBranch] : names;
  if (first === undefined) throw new ForgeFailure(404, '404 References for commit Not Found');
  return first;
};

/** The pipeline of a status: the named one, else the commit's newest (of that ref), else a new one. */
export const pipelineFor = async (
  context: Context,
  repository: Repository,
  sha: string,
  wanted: { id?: number | undefined; ref?: string | undefined },
): Promise<PipelineRecord> => {
  const found = repository.pipelines.findLast(
    (pipeline) =>
      pipeline.sha === sha &&
      (wanted.id === undefined || pipeline.id === wanted.id) &&
      (wanted.ref === undefined || pipeline.ref === wanted.ref),
  );
  if (found !== undefined) return found;
  if (wanted.id !== undefined) throw new ForgeFailure(404, '404 Pipeline Not Found');
  const ref = wanted.ref ?? (await branchWith(repository, sha));
  const pipeline = { id: context.state.nextId(), sha, ref };
  repository.pipelines.push(pipeline);
  return pipeline;
};
