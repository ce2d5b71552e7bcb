import type { ObjectChange } from '../../model/change-set.ts';
import { refKey } from '../../model/object.ts';
import type { Unhealthy } from '../../ports/cluster.ts';
import type { Applied } from '../apply/applied.ts';
import type { Changes, WaveResult } from '../apply/apply-wave.ts';
import type { ApplySetParent } from '../inventory/parent.ts';
import type { HealthOutcome } from '../verify/verify.ts';

/** What an apply has done so far. Each step returns a new one. */
export interface ApplyProgress {
  /** The parent as it was last read or written. */
  readonly parent: ApplySetParent;
  /** By planned object; one without a change was not reached. */
  readonly changes: Changes;
  /** The changes of the hooks that ran, or never run. */
  readonly hooks: readonly ObjectChange[];
  /** The pods that a wait deleted because they blocked an update. */
  readonly replaced: readonly ObjectChange[];
  /** What is on the cluster, by `refKey`. */
  readonly applied: ReadonlyMap<string, Applied>;
  /** The objects that a wait saw do their work to the end, by `refKey`. */
  readonly finished: ReadonlySet<string>;
  /** Why no further step is taken; undefined: the next one may be. */
  readonly stop: Stop | undefined;
}

export type Stop =
  /** An object or a hook failed: its change says why. */
  | { kind: 'failed' }
  /** What a step waited for did not become healthy. */
  | { kind: 'unhealthy'; unhealthy: readonly Unhealthy[] }
  /** Something that concerns no single object: the cluster, the lease, an abort. */
  | { kind: 'interrupted'; error: unknown };

/** Before the first step. */
export function startProgress(parent: ApplySetParent, hooks: readonly ObjectChange[] = []): ApplyProgress {
  return {
    parent,
    changes: new Map(),
    hooks,
    replaced: [],
    applied: new Map(),
    finished: new Set(),
    stop: undefined,
  };
}

export function appliedIn({ applied }: ApplyProgress): Applied[] {
  return [...applied.values()];
}

export function withWave(progress: ApplyProgress, wave: WaveResult): ApplyProgress {
  const { interruption } = wave;
  return {
    ...progress,
    changes: new Map([...progress.changes, ...wave.changes]),
    applied: new Map([...progress.applied, ...wave.applied.map((one) => [refKey(one.ref), one] as const)]),
    stop: interruption && { kind: 'interrupted', error: interruption.error },
  };
}

export function withHooks(progress: ApplyProgress, changes: ObjectChange[]): ApplyProgress {
  const failed = changes.some(({ action }) => action === 'failed');
  const stop: Stop | undefined = failed ? { kind: 'failed' } : undefined;
  return { ...progress, hooks: [...progress.hooks, ...changes], stop };
}

/** Stops if something is unhealthy. */
export function withHealth(
  progress: ApplyProgress,
  { unhealthy, finished, replaced }: HealthOutcome,
): ApplyProgress {
  const next = {
    ...progress,
    finished: new Set([...progress.finished, ...finished]),
    replaced: [...progress.replaced, ...replaced],
  };
  return unhealthy.length > 0 ? { ...next, stop: { kind: 'unhealthy', unhealthy } } : next;
}

/** Takes the next step unless something stops it. If the step rejects, the progress before it is interrupted. */
export async function andThen(
  progress: ApplyProgress,
  step: (progress: ApplyProgress) => ApplyProgress | Promise<ApplyProgress>,
): Promise<ApplyProgress> {
  if (progress.stop) return progress;
  try {
    return await step(progress);
  } catch (error) {
    return { ...progress, stop: { kind: 'interrupted', error } };
  }
}

/** Whether an object of the app failed. */
export function hasFailed({ changes }: Pick<ApplyProgress, 'changes'>): boolean {
  return [...changes.values()].some(({ action }) => action === 'failed');
}
