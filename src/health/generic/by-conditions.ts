import { objectsAt, textAt, valueAt } from '../../model/json.ts';
import type { JsonObject, KubeObject } from '../../model/object.ts';
import { type Condition, conditionIn, describeCondition } from '../conditions.ts';
import { failed, healthy, progressing, suspended, type Verdict } from '../verdict.ts';
import { isUnfinished } from './finite.ts';
import { isNegated, meaningOf, tellsFailure, tellsWaiting, wordsIn } from './vocabulary.ts';

/** Conditions that report a failure when true; the first that is true decides. */
const failureConditions = ['Stalled', 'Degraded', 'Failed', 'Error'];

/** Conditions that say how the object is; the worst of them decides. */
const stateConditions = ['Ready', 'Available', 'Healthy'];
/** Conditions that say that work has ended; the first that the object has decides. */
const endConditions = ['Succeeded', 'Complete', 'Completed'];

/** Last words of condition types that report a success; others, such as `Active`, may be false on purpose. */
const successWords = new Set(
  (
    'ready available healthy succeeded completed synced synchronized deployed installed established provisioned ' +
    'initialized reconciled valid accepted programmed connected bound applied joined created registered enforced success ' +
    'references refs'
  ).split(' '),
);

/** The conditions of a list that describe the owner's latest generation. */
export function conditionsOf(list: readonly JsonObject[], owner: KubeObject): Condition[] {
  return list.flatMap((entry) => conditionIn([entry], textAt(entry, 'type'), owner) ?? []);
}

/** Work that has failed or goes on, whatever other conditions say. What is tried again goes on. */
export function workVerdict(conditions: readonly Condition[]): Verdict | undefined {
  const failure = failureConditions
    .map((type) => conditions.find((one) => one.type === type))
    .find((one) => one?.status === 'True');
  if (failure) return failed(describeCondition(failure));
  const negative = conditions.find((one) => isNegative(one) && meaningOf(one.reason) !== 'progressing');
  if (negative && !isReady(conditions)) return failed(describeCondition(negative));
  const ongoing = conditions.find((one) => one.status === 'True' && isWork(one.type) && !isRolledOut(one));
  return ongoing && progressing(describeCondition(ongoing));
}

/** `Reconciling`, `RollingUpdate` and `UpdateInProgress` are about the whole object, unlike `FurnaceUpdating`. */
function isWork(type: string): boolean {
  const [first = '', ...rest] = wordsIn(type);
  const isWhole = rest.length === 0 || /^(out|up|down|in|update|upgrade|restart)$/.test(rest.join(''));
  return (isWhole && namesWork(first)) || /^(update|upgrade|rollout)inprogress$/i.test(type);
}

/** `Submitted` and `Requested` stay true after the work. */
function namesWork(word: string): boolean {
  return /(ing|progress)$/i.test(word) && meaningOf(word) === 'progressing';
}

/** `Progressing` copied from a Deployment stays true after the rollout, with these reasons. */
function isRolledOut({ reason }: Condition): boolean {
  return ['NewReplicaSetAvailable', 'NewReplicationControllerAvailable'].includes(reason);
}

/** A condition whose type names a failure is true. `Ready: True` outweighs it: it summarises all conditions. */
export function negativeVerdict(conditions: readonly Condition[]): Verdict | undefined {
  const found = isReady(conditions) ? undefined : conditions.find(isNegative);
  return found && failed(describeCondition(found));
}

function isReady(conditions: readonly Condition[]): boolean {
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

function isNegative({ type, status }: Condition): boolean {
  return status === 'True' && meaningOf(type) === 'failed';
}

/** By the conditions that summarise the others; an older one means that the controller has not looked yet. */
export function summaryVerdict(list: readonly JsonObject[], owner: KubeObject): Verdict | undefined {
  const verdicts = (types: readonly string[]) =>
    types.flatMap((type) => {
      const entry = list.find((one) => one.type === type);
      if (!entry) return [];
      const found = conditionIn([entry], type, owner);
      return found ? byCondition(found) : progressing('waiting for its controller');
    });
  const states = verdicts(stateConditions);
  const [first] = states.length > 0 ? states : verdicts(endConditions);
  const isGood = first?.state === 'healthy';
  return (isGood ? states.find(({ state }) => state !== 'healthy') : undefined) ?? first;
}

function byCondition(found: Condition): Verdict {
  const text = describeCondition(found);
  // Work that has ended may have ended in failure.
  if (found.type.startsWith('Complete') && found.status === 'True' && meaningOf(found.reason) === 'failed')
    return failed(text);
  if (found.status === 'True') return healthy(text);
  if (isPause(found.reason)) return suspended(text);
  // Tekton and Knative set Succeeded for work that ran: unlike Ready, it is False only after the work has ended.
  if (found.type === 'Succeeded' && found.status === 'False') return failed(text);
  return explainsFailure(found) ? failed(text) : progressing(text);
}

/** `Paused`, `ReconciliationPaused`; `DependencySuspended` is about another object. */
function isPause(reason: string): boolean {
  const words = wordsIn(reason);
  const isOwn = words.length === 1 || words[0]?.startsWith('reconcil') === true;
  return isOwn && meaningOf(words.at(-1) ?? '') === 'suspended';
}

/**
 * Whether a condition that is false says that something has failed, instead of not being there yet:
 *
 * - Its severity is Error: this needs intervention, and Info does not
 *   (https://github.com/kubernetes-sigs/cluster-api/blob/main/docs/proposals/20200506-conditions.md).
 * - Its reason says what has failed, as `DecryptionError` does, unlike `Reconciling` and `DependencyNotReady`.
 * - Its reason is `Failed` or the like, which some controllers say until they have looked, but with a message.
 * - Its message begins with the failure.
 *
 * It may pass: a wait gives it `failFastMs`.
 */
function explainsFailure({ status, severity, reason, message }: Condition): boolean {
  if (status !== 'False' || severity === 'Info') return false;
  if (severity === 'Error') return true;
  if (isConsequence(reason)) return tellsFailure(message);
  if (meaningOf(reason) === 'failed' && wordsIn(reason).length > 1) return true;
  if (meaningOf(reason) === 'failed' && message !== '') return !tellsWaiting(message);
  return tellsFailure(message);
}

/** `MinimumReplicasUnavailable`: something is not there, which is so while it starts. */
function isConsequence(reason: string): boolean {
  return /^(unavailable|unhealthy|unreachable|disconnected)$/.test(wordsIn(reason).at(-1) ?? '');
}

/** A condition besides the summary says what has failed: `DatabaseReady: False, MigrationFailed`. */
export function explainedVerdict(conditions: readonly Condition[]): Verdict | undefined {
  const found = conditions.find((one) => explainsFailure(one) && meaningOf(one.type) !== 'failed');
  return found && failed(describeCondition(found));
}

/** A condition whose type names work, such as `NodeInstallerProgressing`, or a lack, such as `NotReady` and `RolloutBlocked`, is true. */
export function ongoingVerdict(conditions: readonly Condition[]): Verdict | undefined {
  const found = conditions.find(({ type, status }) => status === 'True' && isOngoing(type));
  if (!found) return undefined;
  const text = describeCondition(found);
  return meaningOf(found.reason) === 'failed' ? failed(text) : progressing(text);
}

/** Last words of types that name a lack. */
const lacks = new Set([
  'blocked',
  'missing',
  'outdated',
  'stale',
  'throttled',
  'unready',
  'unresolved',
  'incomplete',
]);

function isOngoing(type: string): boolean {
  const last = wordsIn(type).at(-1) ?? '';
  if (namesWork(last) || lacks.has(last)) return true;
  return isNegated(type) && meaningOf(type) === 'progressing';
}

/** Conditions whose types name a success, such as `DashboardSynchronized`: all of them have to be true. */
export function positiveVerdict(conditions: readonly Condition[], owner: KubeObject): Verdict | undefined {
  const all = conditions.filter(({ type }) => isSuccess(type));
  const running = all.find(({ type, status }) => status === 'True' && isUnfinished(type, owner));
  if (running) return progressing(describeCondition(running));
  const missing = all.filter(({ status }) => status !== 'True').map(byCondition);
  const worst = missing.find(({ state }) => state === 'failed') ?? missing[0];
  if (worst) return worst;
  return all[0] && healthy(describeCondition(all[0]));
}

function isSuccess(type: string): boolean {
  if (type === 'Running') return true; // `BackupRunning` is false most of the time.
  return meaningOf(type) !== 'progressing' && successWords.has(wordsIn(type).at(-1) ?? '');
}

/** The verdict on a part of an object that has conditions of its own. */
export function partVerdict(part: JsonObject, owner: KubeObject): Verdict | undefined {
  const list = objectsAt(part, 'conditions');
  const conditions = conditionsOf(list, owner);
  return (
    workVerdict(conditions) ??
    negativeVerdict(conditions) ??
    summaryVerdict(list, owner) ??
    explainedVerdict(conditions) ??
    ongoingVerdict(conditions) ??
    positiveVerdict(conditions, owner)
  );
}

/**
 * Whether somebody has paused the object: by its spec, or as a condition says. Controllers skip such objects, so nothing
 * else is waited for.
 */
export function pauseVerdict(object: KubeObject): Verdict | undefined {
  const flag = ['paused', 'suspend', 'suspended'].find((name) => valueAt(object, 'spec', name) === true);
  if (flag) return suspended(`spec.${flag} is true`);
  const conditions = conditionsOf(objectsAt(object, 'status', 'conditions'), object);
  const found = conditions.find(
    ({ type, status }) => ['Paused', 'Suspended'].includes(type) && status === 'True',
  );
  return found && suspended(describeCondition(found));
}
