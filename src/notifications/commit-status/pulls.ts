import type { CommitStatus } from '../../ports/forge.ts';
import { finalOr, mark, postMissing, type Sending } from './sending.ts';

/**
 * The name under which it is kept which statuses the pull requests of a commit were last looked up for. Until these
 * change, the forge is not asked again: the releases of a large push end many times a second, and forges limit requests.
 */
const LOOKED_UP_FOR = 'pull requests';

/**
 * Posts on the head of every pull request that brought the commit: they are known from the webhook of the merge, else
 * from the forge if an intake has recorded the commit as the head of `branch`.
 */
export async function postOnPulls(
  sending: Sending,
  wanted: CommitStatus[],
  branch: string | undefined,
): Promise<void> {
  const { key, sent, ports } = sending;
  const announced = await ports.deliveries.pullsOf(key.repository, key.commit);
  if (announced.length > 0) return postOn(sending, wanted, announced);
  const texts = wanted.map(({ context, state, description }) => `${context} ${state} ${description}`);
  const all = texts.join('\n');
  if (branch === undefined || sent[LOOKED_UP_FOR] === all) return;
  const found = await lookUp(sending, branch);
  if (!found) return;
  await postOn(sending, wanted, found);
  await mark(sending, { [LOOKED_UP_FOR]: all });
}

async function postOn(sending: Sending, wanted: CommitStatus[], pulls: { head: string }[]): Promise<void> {
  for (const { head } of pulls) {
    if (head !== sending.key.commit) await postMissing(sending, head, wanted);
  }
}

/** Undefined if the forge cannot name them: that does not hold up the commit itself. */
async function lookUp(sending: Sending, branch: string): Promise<{ head: string }[] | undefined> {
  const { key, forge, signal, ports } = sending;
  const { repository, commit } = key;
  try {
    return await forge.pullsOf(repository, commit, branch, signal);
  } catch (error) {
    const { message: reason } = finalOr(sending, error);
    ports.log.warn({ repository, commit, reason }, 'pull requests of a commit not known');
    return undefined;
  }
}
