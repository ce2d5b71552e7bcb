import type { CommitStatus, PullOfCommit } from '../../ports/forge.ts';
import { finalOr, mark, postMissing, type Sending } from './sending.ts';

/**
 * The name under which it is kept what the pull requests of a commit were last looked up for. Until that changes, the
 * forge is not asked again: the releases of a large push end many times a second, and forges limit requests.
 */
export const LOOKED_UP_FOR = 'pull requests';

/** A commit is the merge of one pull request; whoever can sign webhooks may name any number of them. */
const MOST_ANNOUNCED = 5;

/**
 * Posts on the head of every pull request that brought the commit. A webhook only says which one to ask the forge for: a
 * payload must not choose where a status goes. If none is confirmed, and an intake has recorded the commit as the head
 * of `branch`, the forge is asked for those of the commit.
 */
export async function postOnPulls(
  sending: Sending,
  wanted: CommitStatus[],
  branch: string | undefined,
): Promise<void> {
  if (wanted.length === 0) return;
  const { key, begun, ports } = sending;
  const named = await ports.deliveries.pullsOf(key.repository, key.commit);
  const announced = named.slice(0, MOST_ANNOUNCED).map(({ number }) => number);
  const texts = wanted.map(({ context, state, description }) => `${context} ${state} ${description}`);
  const all = [announced.join(), ...texts].join('\n');
  if (begun.sent[LOOKED_UP_FOR] === all) return;
  const pulls = await lookUp(sending, announced, branch);
  if (!pulls) return;
  for (const { head } of pulls) {
    if (head !== key.commit) await postMissing(sending, head, wanted);
  }
  await mark(sending, { [LOOKED_UP_FOR]: all });
}

/** Undefined if the forge cannot name them: that does not hold up the commit itself. */
async function lookUp(
  sending: Sending,
  announced: number[],
  branch: string | undefined,
): Promise<PullOfCommit[] | undefined> {
  const { key, forge, signal, ports } = sending;
  const { repository, commit } = key;
  try {
    const asked = await Promise.all(announced.map((number) => confirmed(sending, number)));
    const found = asked.filter((pull) => pull !== undefined);
    if (found.length > 0 || branch === undefined) return found;
    return await forge.pullsOf(repository, commit, branch, signal);
  } catch (error) {
    const { message: reason } = finalOr(sending, error);
    ports.log.warn({ repository, commit, reason }, 'pull requests of a commit not known');
    return undefined;
  }
}

/** Asked once: a merge stays what it is. */
async function confirmed(sending: Sending, number: number): Promise<PullOfCommit | undefined> {
  const { key, forge, begun, signal } = sending;
  const field = `head of ${number}`;
  const known = begun.sent[field];
  if (known !== undefined) return { number, head: known };
  const pull = await forge.pullThatMade(key.repository, key.commit, number, signal);
  if (pull) await mark(sending, { [field]: pull.head });
  return pull;
}
