import { SlipwayError } from '../errors.ts';
import type { CommitReportKey } from '../model/commit-report.ts';
import { parseTargetId, type TargetId } from '../model/target.ts';

export function environmentOf(target: TargetId): string {
  return namesOf(target).environment;
}

/** The reports of these commits that have a line of the target. */
export function reportKeys(target: TargetId, commits: string[]): CommitReportKey[] {
  const { repository, environment } = namesOf(target);
  return commits.map((commit) => ({ repository, commit, scope: environment }));
}

function namesOf(target: TargetId) {
  const names = parseTargetId(target);
  if (!names) throw new SlipwayError('INTERNAL', `not a target: ${target}`);
  return names;
}
