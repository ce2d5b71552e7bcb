import type { SlipwayError } from '../../errors.ts';
import { type EvaluateHealth, healthOf, isFinished } from '../../health/index.ts';
import type { ObjectChange } from '../../model/change-set.ts';
import type { Masks } from '../../model/masks.ts';
import { refKey } from '../../model/object.ts';
import type { Unhealthy, VerifyOptions } from '../../ports/cluster.ts';
import type { Applied } from '../apply/applied.ts';
import { createReader, type Reader } from '../diagnose/reader.ts';
import { diagnose } from '../diagnose/reason.ts';
import { settleInconclusive } from './inconclusive.ts';
import type { PodReplacer } from './replace-stuck-pods.ts';
import { type Board, createBoard, type Entry, failureOf } from './verify-board.ts';
import { type FollowContext, followObjects } from './verify-follow.ts';
import { followPods } from './verify-pods.ts';
import { startWait, type Wait } from './verify-wait.ts';

export interface VerifyContext extends FollowContext {
  /** Default: the built-in rules of each kind. */
  evaluateHealth?: EvaluateHealth;
  /** Default: masks only the values of Secrets. */
  masks?: Masks;
  /** Replaces pods that block an update; undefined: they are only reported. */
  replacer?: PodReplacer | undefined;
}

/** How many objects are diagnosed down to the container. More failures of one release mostly have the same cause. */
const maxDiagnoses = 10;

/** How a wait for health ended. */
export interface HealthOutcome {
  /** Empty: all objects are healthy. */
  readonly unhealthy: readonly Unhealthy[];
  /** The objects that have finished their work, by `refKey`. They may have been cleaned up since. */
  readonly finished: ReadonlySet<string>;
  /** The pods that were deleted because they blocked an update. */
  readonly replaced: readonly ObjectChange[];
}

export const healthy: HealthOutcome = { unhealthy: [], finished: new Set(), replaced: [] };

/**
 * Waits until all applied objects are healthy. Resolves to the failing objects if one has failed permanently or for
 * `failFastMs`, and to all unhealthy objects at the timeout. If the API server's responses to the apply are healthy
 * already, nothing is read or watched. Rejects with the signal's reason on abort, and with CLUSTER_* if the cluster may
 * not be watched or could not be reached at the timeout.
 */
export async function verifyApplied(
  applied: Applied[],
  context: VerifyContext,
  options: VerifyOptions,
): Promise<HealthOutcome> {
  options.signal.throwIfAborted();
  const board = createBoard(applied, performance.now(), context.evaluateHealth, context.masks);
  if (board.pending().length === 0) return healthy;
  const wait = startWait(board, options);
  const ended = new AbortController();
  const { stop, down } = follow(board, wait, context, options, ended.signal);
  wait.changed();
  try {
    const outcome = await wait.over;
    if (outcome === 'healthy')
      return { unhealthy: [], finished: finishedOn(board), replaced: replacedBy(context) };
    const watchError = down();
    if (outcome === 'timeout' && watchError) throw watchError;
  } finally {
    stop();
    ended.abort();
  }
  const reader = createReader(context.client, options.signal, context.account);
  const unhealthy = await unhealthyOn(board, reader, context);
  return { unhealthy, finished: finishedOn(board), replaced: replacedBy(context) };
}

function replacedBy({ replacer }: VerifyContext): readonly ObjectChange[] {
  return replacer?.changes() ?? [];
}

async function unhealthyOn(board: Board, reader: Reader, context: VerifyContext): Promise<Unhealthy[]> {
  const failing = board.failing();
  if (failing.length > 0) return explain(reader, failing, context);
  return (await explain(reader, board.pending(), context)).map(asLate);
}

function finishedOn(board: Board): ReadonlySet<string> {
  const finished = board.entries.filter(({ object }) => isFinished(object));
  return new Set(finished.map(({ applied }) => refKey(applied.ref)));
}

interface Following {
  down(): SlipwayError | undefined;
  stop(): void;
}

function follow(
  board: Board,
  wait: Wait,
  context: VerifyContext,
  { failFastMs }: VerifyOptions,
  signal: AbortSignal,
): Following {
  const reader = createReader(context.client, signal, context.account);
  const objects = followObjects(board, wait, context, signal);
  const stopPods = followPods(board, wait, { ...context, reader, failFastMs });
  const stopChecks = settleInconclusive(board, wait, reader);
  return {
    down: objects.down,
    stop() {
      objects.stop();
      stopPods();
      stopChecks();
    },
  };
}

async function explain(
  reader: Reader,
  entries: Entry[],
  { evaluateHealth = healthOf, masks }: VerifyContext,
): Promise<Unhealthy[]> {
  return Promise.all(
    entries.map(async (entry, index) => {
      if (entry.missing || index >= maxDiagnoses) return failureOf(entry);
      const verdict = evaluateHealth(entry.object);
      return failureOf({
        ...entry,
        verdict,
        diagnosis: await diagnose(reader, entry.object, verdict, masks),
      });
    }),
  );
}

function asLate(one: Unhealthy): Unhealthy {
  return { ...one, details: { ...one.details, late: true } };
}
