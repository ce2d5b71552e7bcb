import type { SlipwayError } from '../../errors.ts';
import { type EvaluateHealth, healthOf, isFinished } from '../../health/index.ts';
import type { Masks } from '../../model/masks.ts';
import { refKey } from '../../model/object.ts';
import type { Unhealthy, VerifyOptions } from '../../ports/cluster.ts';
import type { Applied } from '../apply/applied.ts';
import { createReader, type Reader } from '../diagnose/reader.ts';
import { diagnose } from '../diagnose/reason.ts';
import { settleInconclusive } from './inconclusive.ts';
import { type Board, createBoard, type Entry, failureOf } from './verify-board.ts';
import { type FollowContext, followObjects } from './verify-follow.ts';
import { followPods } from './verify-pods.ts';
import { startWait, type Wait } from './verify-wait.ts';

export interface VerifyContext extends FollowContext {
  /** Default: what Slipway knows of each kind. */
  evaluateHealth?: EvaluateHealth;
  /** Default: those of Secrets. */
  masks?: Masks;
}

/** Reasons that are followed down to the container; a release with more failures has one cause for them all. */
const deepReasons = 10;

/** How a wait for health ended. */
export interface HealthOutcome {
  /** Empty: all objects are healthy. */
  readonly unhealthy: readonly Unhealthy[];
  /** The objects that were seen to do their work to the end, by `refKey`: they may be cleaned up since. */
  readonly finished: ReadonlySet<string>;
}

export const healthy: HealthOutcome = { unhealthy: [], finished: new Set() };

/**
 * Waits until all applied objects are healthy, and resolves to those that are not: those that fail, if one has failed for
 * good or for `failFastMs`; all that are left at the timeout. If the API server's responses to the apply are healthy
 * already, nothing is read or watched. Rejects with the signal's reason on abort, and with CLUSTER_* if the cluster may
 * not be watched or could not be reached at the timeout.
 */
export async function verifyApplied(
  applied: Applied[],
  context: VerifyContext,
  options: VerifyOptions,
): Promise<HealthOutcome> {
  options.signal.throwIfAborted();
  const board = createBoard(applied, Date.now(), context.evaluateHealth, context.masks);
  if (board.pending().length === 0) return healthy;
  const wait = startWait(board, options);
  const ended = new AbortController();
  const { stop, down } = follow(board, wait, context, ended.signal);
  wait.changed();
  try {
    const outcome = await wait.over;
    if (outcome === 'healthy') return { unhealthy: [], finished: finishedOn(board) };
    const lost = down();
    if (outcome === 'timeout' && lost) throw lost;
  } finally {
    stop();
    ended.abort();
  }
  const reader = createReader(context.client, options.signal);
  return { unhealthy: await unhealthyOn(board, reader, context), finished: finishedOn(board) };
}

async function unhealthyOn(board: Board, reader: Reader, context: VerifyContext): Promise<Unhealthy[]> {
  const failing = board.failing();
  if (failing.length > 0) return explain(reader, failing, context);
  return (await explain(reader, board.pending(), context)).map(late);
}

function finishedOn(board: Board): ReadonlySet<string> {
  const finished = board.entries.filter(({ object }) => isFinished(object));
  return new Set(finished.map(({ applied }) => refKey(applied.ref)));
}

interface Following {
  down(): SlipwayError | undefined;
  stop(): void;
}

function follow(board: Board, wait: Wait, context: VerifyContext, signal: AbortSignal): Following {
  const reader = createReader(context.client, signal);
  const objects = followObjects(board, wait, context, signal);
  const stopPods = followPods(board, wait, { hub: context.hub, reader, masks: context.masks });
  const stopAsking = settleInconclusive(board, wait, reader);
  return {
    down: objects.down,
    stop() {
      objects.stop();
      stopPods();
      stopAsking();
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
      if (entry.missing || index >= deepReasons) return failureOf(entry);
      const verdict = evaluateHealth(entry.object);
      return failureOf({
        ...entry,
        verdict,
        diagnosis: await diagnose(reader, entry.object, verdict, masks),
      });
    }),
  );
}

function late(one: Unhealthy): Unhealthy {
  return { ...one, details: { ...one.details, late: true } };
}
