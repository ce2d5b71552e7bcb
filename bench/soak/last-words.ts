import type { Status } from '../../sandbox/forge/protocol.ts';
import type { Actor } from './actors.ts';
import type { SoakForge } from './setting.ts';

export type Word = 'none' | 'pending' | 'success' | 'superseded' | 'failure';

/** A commit that was pushed, and when. */
export interface Pushed {
  actor: Actor;
  forge: SoakForge;
  sha: string;
  /** The how manieth push of its repository. */
  number: number;
  at: number;
  /** When its last status was posted, if that one is final. */
  endedAt?: number;
}

/** What the last statuses of a commit say together: the worst of them. */
export function wordOf(statuses: Status[]): { word: Word; at: number } {
  const last = [...Map.groupBy(statuses, ({ context }) => context).values()].flatMap((all) => all.slice(-1));
  const words = last.map(wordOfStatus);
  const worst = (['pending', 'failure', 'superseded', 'success'] as const).find((word) =>
    words.includes(word),
  );
  return { word: worst ?? 'none', at: Math.max(...last.map(({ at }) => at)) };
}

function wordOfStatus({ state, description }: Status): Word {
  if (['pending', 'running'].includes(state)) return 'pending';
  if (state === 'canceled' || description?.includes('superseded')) return 'superseded';
  return state === 'success' ? 'success' : 'failure';
}

/** What is wrong about the last word of a commit, or undefined. A path of the server in a status is wrong too. */
export async function fault(pushed: Pushed, newest: boolean, dir: string): Promise<string | undefined> {
  const { actor, forge, sha } = pushed;
  const statuses = await forge.client.statuses(forge.face, actor.repo, sha);
  const { word, at } = wordOf(statuses);
  if (word !== 'none' && word !== 'pending') pushed.endedAt = at;
  const name = `${actor.repo} ${sha.slice(0, 12)}`;
  if (statuses.some(({ description }) => description?.includes(dir)))
    return `${name} shows the server's path`;
  const right = newest ? [actor.end] : [actor.end, 'superseded'];
  if (right.includes(word)) return undefined;
  const said = statuses.at(-1)?.description ?? 'no status';
  return `${name}${newest ? ' (newest)' : ''}: ${word}, not ${right.join(' or ')}: ${said}`;
}
