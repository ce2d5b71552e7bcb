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
import { mayReplace, type PodReplacer } from './replace-stuck-pods.ts';
import { type Board, type Entry, isPending } from './verify-board.ts';
import type { Wait } from './verify-wait.ts';

/** Most rollouts complete within this time; the pods of slower ones are watched. */
const watchAfterMs = 500;
/** If a release waits for more workloads, or the hub has more streams, one stream watches all pods of the namespace. */
const maxOwnStreams = 4;
const maxStreams = 64;
/** The minimum pause between diagnoses of one workload, in case a thousand of its pods crash. */
const diagnosePauseMs = 1_000;

export interface PodContext {
  hub: WatchHub;
  reader: Reader;
  masks?: Masks | undefined;
  /** The account that watches pods if Slipway's own may not; undefined: none. */
  account?: string | undefined;
  /** Undefined: pods that block an update are only reported. */
  replacer?: PodReplacer | undefined;
  /** After this long, a pod that blocks an update and has not failed is replaced too. */
  failFastMs: number;
}

/** A workload whose pods are watched. */
interface WatchedWorkload {
  entry: Entry;
  /** Selects its pods. */
  selector: JsonObject;
  /** Diagnoses it, requested if one of its pods shows a problem. */
  diagnosis: Throttled;
}

/**
 * Watches the pods of workloads that are slow to become healthy, because a workload's own status does not report that its
 * containers fail. A pod's event only triggers a diagnosis, which starts at the workload and so ignores pods of an old
 * revision. Returns a function that stops the watches.
 */
export function followPods(board: Board, wait: Wait, context: PodContext): () => void {
  const stops: (() => void)[] = [];
  const timer = setTimeout(() => {
    const workloads = board.pending().flatMap((entry) => watchedWorkload(entry, board, wait, context));
    for (const [path, group] of Map.groupBy(workloads, podsPath)) {
      stops.push(...followAll(path, group, context), ...group.map(({ diagnosis }) => diagnosis.stop));
    }
  }, watchAfterMs);
  return () => {
    clearTimeout(timer);
    for (const stop of stops) stop();
  };
}

function watchedWorkload(
  entry: Entry,
  board: Board,
  wait: Wait,
  { reader, masks, replacer, failFastMs }: PodContext,
): WatchedWorkload[] {
  const selector = podSelector(entry.object);
  const scaledToZero = optionalNumberAt(entry.object, 'spec', 'replicas') === 0;
  if (!selector || scaledToZero) return [];
  const since = performance.now();
  const diagnosis = throttle(async () => {
    if (!isPending(entry)) return;
    const found = await diagnose(reader, entry.object, entry.verdict, masks);
    const isLate = performance.now() - since >= failFastMs;
    const isReplaced = found.stuck && (await replacer?.replace(entry.object, found.stuck, isLate));
    board.setDiagnosis(entry, isReplaced ? undefined : found, performance.now());
    wait.changed();
  }, wait.fail);
  if (!replacer || !mayReplace(entry.object)) return [{ entry, selector, diagnosis }];
  // A pod that only never becomes ready sends no event that shows it.
  const late = setTimeout(() => diagnosis.request(), failFastMs);
  const stop = () => {
    clearTimeout(late);
    diagnosis.stop();
  };
  return [{ entry, selector, diagnosis: { ...diagnosis, stop } }];
}

function podsPath({ entry }: WatchedWorkload): string {
  return siblingsPath(entry.object, '/api/v1', 'pods');
}

/** A stream per workload receives only the workload's pods; one stream for the namespace needs only one connection. */
function followAll(path: string, workloads: WatchedWorkload[], context: PodContext): (() => void)[] {
  if (workloads.length > maxOwnStreams || context.hub.size() > maxStreams)
    return [follow(path, '', workloads, context)];
  return workloads.map((one) => follow(path, selectorText(one.selector), [one], context));
}

function follow(
  path: string,
  labelSelector: string,
  workloads: WatchedWorkload[],
  { hub, reader, account }: PodContext,
): () => void {
  const onPod = (pod: KubeObject): void => {
    for (const { entry, selector, diagnosis } of workloads) {
      if (!isPending(entry) || !selects(selector, objectAt(pod, 'metadata', 'labels'))) continue;
      if (hasProblem(pod) || entry.diagnosis) diagnosis.request();
    }
  };
  return hub.follow({
    path,
    labelSelector,
    account,
    since: undefined,
    mayWiden: false,
    startList: () => ({ page: (pods) => pods.forEach(onPod), end: () => undefined }),
    onEvent: (_type, pod) => onPod(pod),
    onJoined() {
      // The read rejects only if the wait is over, and then its result is not needed.
      reader.list(path, { labelSelector }).then(
        (pods) => pods.forEach(onPod),
        () => undefined,
      );
    },
    onState: () => undefined,
    // Without the permission to watch pods, a failure is found at the timeout.
    onEnd: () => undefined,
  });
}

function hasProblem(pod: KubeObject): boolean {
  return podHealth(pod).state === 'failed' || condition(pod, 'PodScheduled')?.status === 'False';
}

interface Throttled {
  request(): void;
  stop(): void;
}

/** Runs `work` immediately, or once after the pause if it ran recently. Runs never overlap. */
function throttle(work: () => Promise<void>, onError: (error: unknown) => void): Throttled {
  let timer: NodeJS.Timeout | undefined;
  let busy = false;
  let again = false;
  let stopped = false;
  const run = () => {
    busy = true;
    again = false;
    work().catch(onError).finally(pause);
  };
  const pause = () => {
    if (stopped) return;
    timer = setTimeout(() => {
      busy = false;
      if (again) run();
    }, diagnosePauseMs);
  };
  return {
    request() {
      if (busy) again = true;
      else if (!stopped) run();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
