import type { Context } from './context.ts';
import { pushEvents } from './events.ts';
import type { Push, RefChange } from './protocol.ts';
import { followPush } from './pulls/follow.ts';
import { type PushFacts, readPushFacts } from './push-facts.ts';
import type { Repository } from './state.ts';

export interface ReceivedPush {
  refs: RefChange[];
  receivedAt: number;
  via: Push['via'];
}

/**
 * Prepares a push's webhooks and returns the function that sends them. With two steps, the time between the end of a
 * push and its webhooks contains no work of the forge.
 */
export const preparePush = async (
  context: Context,
  repository: Repository,
  push: ReceivedPush,
): Promise<(endedAt: number) => void> => {
  const read = await Promise.all(push.refs.map((change) => readPushFacts(repository, change)));
  const pushed = read.filter((facts): facts is PushFacts => facts !== null);
  repository.pushedAt = push.receivedAt;
  const events = pushEvents(context, repository, pushed);
  const pullEvents = await followPush(context, repository, pushed);
  return (endedAt) => {
    if (push.refs.length > 0) repository.pushes.push({ ...push, endedAt });
    for (const event of [...events, ...pullEvents]) context.sender.send(repository, event, endedAt);
  };
};
