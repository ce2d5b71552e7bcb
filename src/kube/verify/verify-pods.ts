import { condition } from '../../health/conditions.ts';
import { podHealth } from '../../health/kinds/pod.ts';
import { objectAt, optionalNumberAt } from '../../model/json.ts';
import type { Masks } from '../../model/masks.ts';
import type { JsonObject, KubeObject } from '../../model/object.ts';
import { selectorText, selects } from '../diagnose/owner.ts';
import { type Reader, siblingsPath } from '../diagnose/reader.ts';
import { diagnose } from '../diagnose/reason.ts';
import { podSelector } from '../diagnose/reason-workload.ts';
import type { WatchHub } from '../watch/watch-hub.ts';
import { type Board, type Entry, isPending } from './verify-board.ts';
import type { Wait } from './verify-wait.ts';

/** Most rollouts are over before; only those that last have their pods watched. */
const patienceMs = 500;
/** More workloads of a release than this, or more streams, and the pods of their namespace come by one stream. */
const few = 4;
const manyStreams = 64;
/** A workload of a thousand pods that all crash is looked at so often and not more. */
const betweenLooksMs = 1_000;

export interface PodContext {
  hub: WatchHub;
  reader: Reader;
  masks?: Masks | undefined;
}

/** A workload whose pods are awaited: which pods are its own, and the look that a telling one asks for. */
interface Awaited {
  entry: Entry;
  selector: JsonObject;
  look: Look;
}

/**
 * Watches the pods of workloads that take their time, because a workload's own status does not say that its
 * containers fail. A pod's event is only the sign to look: what counts is found from the workload down, so that
 * pods of an old revision do not. Answers how to stop.
 */
export function followPods(board: Board, wait: Wait, context: PodContext): () => void {
  const stops: (() => void)[] = [];
  const timer = setTimeout(() => {
    const awaited = board.pending().flatMap((entry) => awaitedOf(entry, board, wait, context));
    for (const [path, here] of Map.groupBy(awaited, podsPath)) {
      stops.push(...followAll(path, here, context), ...here.map(({ look }) => look.stop));
    }
  }, patienceMs);
  return () => {
    clearTimeout(timer);
    for (const stop of stops) stop();
  };
}

function awaitedOf(entry: Entry, board: Board, wait: Wait, { reader, masks }: PodContext): Awaited[] {
  const selector = podSelector(entry.object);
  const scaledToZero = optionalNumberAt(entry.object, 'spec', 'replicas') === 0;
  if (!selector || scaledToZero) return [];
  const look = lookSometimes(async () => {
    if (!isPending(entry)) return;
    const diagnosis = await diagnose(reader, entry.object, entry.verdict, masks);
    board.learn(entry, diagnosis, Date.now());
    wait.changed();
  }, wait.fail);
  return [{ entry, selector, look }];
}

function podsPath({ entry }: Awaited): string {
  return siblingsPath(entry.object, '/api/v1', 'pods');
}

/** A stream for each workload asks for no pods but its own; a stream for all of a namespace is one connection. */
function followAll(path: string, awaited: Awaited[], context: PodContext): (() => void)[] {
  if (awaited.length > few || context.hub.size() > manyStreams) return [follow(path, '', awaited, context)];
  return awaited.map((one) => follow(path, selectorText(one.selector), [one], context));
}

function follow(
  path: string,
  labelSelector: string,
  awaited: Awaited[],
  { hub, reader }: PodContext,
): () => void {
  const hear = (pod: KubeObject): void => {
    for (const { entry, selector, look } of awaited) {
      if (!isPending(entry) || !selects(selector, objectAt(pod, 'metadata', 'labels'))) continue;
      if (isTelling(pod) || entry.diagnosis) look.soon();
    }
  };
  return hub.follow({
    path,
    labelSelector,
    since: undefined,
    mayWiden: false,
    startList: () => ({ page: (pods) => pods.forEach(hear), end: () => undefined }),
    onEvent: (_type, pod) => hear(pod),
    onJoined() {
      // A read that is cut short by the end of the wait has nothing to tell any more.
      reader.list(path, { labelSelector }).then(
        (pods) => pods.forEach(hear),
        () => undefined,
      );
    },
    onState: () => undefined,
    // Without the right to watch pods a failure is found at the timeout.
    onEnd: () => undefined,
  });
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
