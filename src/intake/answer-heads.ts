import { describeError } from '../errors.ts';
import { type AnswerKey, CONFIG_SCOPE } from '../model/answer.ts';
import { parseTargetId, type RepositoryId } from '../model/target.ts';
import type { Moved } from '../ports/desired.ts';
import type { RepositoryState } from '../ports/repositories.ts';
import type { BranchFinding } from './find-targets.ts';
import type { IntakePorts } from './ports.ts';

/** A pending is only worth a status when the end does not come at once (design, section 2, point 8). */
export const PENDING_AFTER_MS = 2_000;

/** Says on each head what will happen to it, and on each skipped commit what took its place. */
export async function answerHeads(
  repository: RepositoryId,
  findings: BranchFinding[],
  moved: Moved[],
  state: RepositoryState | undefined,
  ports: IntakePorts,
): Promise<void> {
  const now: AnswerKey[] = [];
  const later: AnswerKey[] = [];
  for (const finding of findings) {
    if (finding.invalid) now.push(await answerInvalid(repository, finding, ports));
    for (const environment of finding.environments) {
      const key = { repository, commit: finding.commit, scope: environment };
      const mine = moved.filter(({ target }) => isIn(target, environment, finding));
      const held = finding.held.filter(
        ({ target }) => parseTargetId(target ?? '')?.environment === environment,
      );
      const isNew = state?.heads[finding.branch] !== finding.commit;
      if (finding.invalid) continue;
      if (mine.length === 0 && !isNew) {
        // A merged webhook may have come after the push's: its pull request has not heard the answer yet.
        if (await ports.answers.has(key)) later.push(key);
        continue;
      }
      if (held.length > 0) await ports.answers.write(key, held);
      await ports.answers.open(
        key,
        finding.branch,
        mine.map(({ target }) => ({ target, state: 'queued' as const })),
      );
      if (mine.length > 0 && held.length === 0) later.push(key);
      else now.push(key);
      now.push(...(await supersede(mine, key, ports)));
    }
  }
  await Promise.all([
    now.length > 0 ? ports.bells.ringNotify(now) : undefined,
    later.length > 0 ? ports.bells.ringNotify(later, PENDING_AFTER_MS) : undefined,
  ]);
}

function isIn(target: string, environment: string, finding: BranchFinding): boolean {
  return finding.targets.some(({ target: own }) => own.id === target && own.environment === environment);
}

async function answerInvalid(
  repository: RepositoryId,
  finding: BranchFinding,
  { answers }: IntakePorts,
): Promise<AnswerKey> {
  const key = { repository, commit: finding.commit, scope: CONFIG_SCOPE };
  const reason = finding.invalid ? describeError(finding.invalid) : '';
  await answers.write(key, [{ state: 'failed', reason }]);
  return key;
}

/** A commit that was desired and never got its release. */
async function supersede(moved: Moved[], by: AnswerKey, { answers }: IntakePorts): Promise<AnswerKey[]> {
  const told: AnswerKey[] = [];
  for (const { target, skipped } of moved) {
    if (!skipped) continue;
    const key = { ...by, commit: skipped };
    const line = { target, state: 'superseded' as const, supersededBy: by.commit };
    if (await answers.supersede(key, line)) told.push(key);
  }
  return told;
}
