import { describeError } from '../errors.ts';
import { type AnswerKey, CONFIG_SCOPE } from '../model/answer.ts';
import { parseTargetId, type RepositoryId } from '../model/target.ts';
import type { Moved } from '../ports/desired.ts';
import type { RepositoryState } from '../ports/repositories.ts';
import type { BranchFinding } from './find-targets.ts';
import type { IntakePorts } from './ports.ts';

/** A pending is only worth a status when the end does not come at once (design, section 2, point 8). */
export const PENDING_AFTER_MS = 2_000;

interface Rings {
  now: AnswerKey[];
  later: AnswerKey[];
}

/** Says on each head what will happen to it, and on each skipped commit what took its place. */
export async function answerHeads(
  repository: RepositoryId,
  findings: BranchFinding[],
  moved: Moved[],
  state: RepositoryState | undefined,
  ports: IntakePorts,
): Promise<void> {
  const rings: Rings = { now: [], later: [] };
  for (const finding of findings) {
    if (finding.invalid) {
      rings.now.push(await answerInvalid(repository, finding, ports));
      continue;
    }
    const isNew =
      state?.heads[finding.branch] !== finding.commit ||
      (await isValidNow(repository, finding, rings, ports));
    for (const environment of finding.environments) {
      const key = { repository, commit: finding.commit, scope: environment };
      const mine = moved.filter(({ target }) => environmentOf(target) === environment);
      await answerEnvironment(key, finding, { mine, isNew }, rings, ports);
    }
  }
  await Promise.all([
    rings.now.length > 0 ? ports.bells.ringNotify(rings.now) : undefined,
    rings.later.length > 0 ? ports.bells.ringNotify(rings.later, PENDING_AFTER_MS) : undefined,
  ]);
}

async function answerEnvironment(
  key: AnswerKey,
  finding: BranchFinding,
  { mine, isNew }: { mine: Moved[]; isNew: boolean },
  rings: Rings,
  { answers }: IntakePorts,
): Promise<void> {
  if (mine.length === 0 && !isNew) {
    // A merged webhook may have come after the push's: its pull request has not heard the answer yet.
    if (await answers.has(key)) rings.later.push(key);
    return;
  }
  const held = finding.held.filter(({ target }) => environmentOf(target ?? '') === key.scope);
  if (held.length > 0) await answers.write(key, held);
  await answers.open(key, finding.branch);
  if (mine.length > 0 && held.length === 0) rings.later.push(key);
  else rings.now.push(key);
  const skipped = new Set(mine.flatMap((one) => one.skipped ?? []));
  for (const commit of skipped) rings.now.push({ ...key, commit });
}

function environmentOf(target: string): string | undefined {
  return parseTargetId(target)?.environment;
}

/**
 * What refused the same commit before has gone: an edge of another repository, a rule of server.yaml. It is answered
 * like a new one, and what was said of its slipway.yaml is taken back.
 */
async function isValidNow(
  repository: RepositoryId,
  { commit }: BranchFinding,
  rings: Rings,
  { answers }: IntakePorts,
): Promise<boolean> {
  const key = { repository, commit, scope: CONFIG_SCOPE };
  const refused = (await answers.read(key)).lines.some(({ state }) => state === 'failed');
  if (!refused) return false;
  await answers.write(key, [{ state: 'succeeded', reason: 'slipway.yaml is valid by now' }]);
  rings.now.push(key);
  return true;
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
