import type { KubeObject } from '../model/object.ts';
import { condition } from './health/conditions.ts';
import { podHealth } from './health/pod.ts';
import { type Reader, siblingsPath } from './health/reader.ts';
import { reasonOf } from './health/reason.ts';
import { podSelector } from './health/reason-workload.ts';
import type { Masks } from './masks.ts';
import { type Board, type Entry, isPending } from './verify-board.ts';
import type { Wait } from './verify-wait.ts';
import type { WatchHub } from './watch-hub.ts';

/** Most rollouts are over before; only those that last have their pods watched. */
const patienceMs = 500;
/** While so many streams are open, further workloads are given more time before theirs is opened. */
const manyStreams = 64;
const longestPatienceMs = 10_000;
/** A workload of a thousand pods that all crash is looked at so often and not more. */
const betweenLooksMs = 1_000;

export interface PodContext {
  hub: WatchHub;
  reader: Reader;
  masks?: Masks | undefined;
}

/**
 * Watches the pods of workloads that take their time, because a workload's own status does not say that its
 * containers fail. A pod's event is only the sign to look: what counts is found from the workload down, so that
 * pods of an old revision do not. Answers how to stop.
 */
export function followPods(board: Board, wait: Wait, { hub, reader, masks }: PodContext): () => void {
  const stops = new Set<() => void>();
  const started = Date.now();
  const begin = (): void => {
    if (hub.size() > manyStreams && Date.now() - started < longestPatienceMs) {
      timer = setTimeout(begin, patienceMs);
      return;
    }
    for (const entry of board.pending()) {
      const selector = podSelector(entry.object);
      if (selector) stops.add(followPodsOf(entry, selector));
    }
  };
  let timer = setTimeout(begin, patienceMs);

  const followPodsOf = (entry: Entry, labelSelector: string): (() => void) => {
    const look = lookSometimes(async () => {
      if (!isPending(entry)) return;
      const cause = await reasonOf(reader, entry.object, entry.verdict, masks);
      board.learn(entry, cause, Date.now());
      wait.changed();
    }, wait.fail);
    const hear = (pod: KubeObject) => {
      if (isPending(entry) && (isTelling(pod) || entry.cause)) look.soon();
    };
    const leave = hub.follow({
      path: siblingsPath(entry.object, '/api/v1', 'pods'),
      labelSelector,
      since: undefined,
      mayWiden: false,
      startList: () => ({ page: (pods) => pods.forEach(hear), end: () => undefined }),
      onEvent: (_type, pod) => hear(pod),
      onJoined: look.soon,
      onState: () => undefined,
      // Without the right to watch pods a failure is found at the timeout.
      onEnd: () => undefined,
    });
    return () => {
      leave();
      look.stop();
    };
  };

  return () => {
    clearTimeout(timer);
    for (const stop of stops) stop();
  };
}

function isTelling(pod: KubeObject): boolean {
  return podHealth(pod).state === 'failed' || condition(pod, 'PodScheduled')?.status === 'False';
}

interface Look {
  soon(): void;
  stop(): void;
}

/** Runs at once when it has not run lately, else once more at the end of the pause; never twice at a time. */
function lookSometimes(look: () => Promise<void>, onError: (error: unknown) => void): Look {
  let timer: NodeJS.Timeout | undefined;
  let busy = false;
  let again = false;
  let stopped = false;
  const run = () => {
    busy = true;
    again = false;
    look().catch(onError).finally(rest);
  };
  const rest = () => {
    if (stopped) return;
    timer = setTimeout(() => {
      busy = false;
      if (again) run();
    }, betweenLooksMs);
  };
  return {
    soon() {
      if (busy) again = true;
      else if (!stopped) run();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
