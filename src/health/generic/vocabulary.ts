/** What a word for a state says about health. */
export type Meaning = 'failed' | 'progressing' | 'suspended' | 'healthy';

/**
 * Words that controllers use for states, lower case. Sources, besides the API conventions
 * (https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#typical-status-properties):
 * phases of Pods, volumes and namespaces (https://kubernetes.io/docs/reference/kubernetes-api/), resource states of AWS
 * CloudFormation (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html), provisioning
 * states of Azure (https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations), statuses of
 * Terraform runs (https://developer.hashicorp.com/terraform/cloud-docs/api-docs/run), of Flink jobs
 * (https://nightlies.apache.org/flink/flink-docs-stable/docs/internals/job_scheduling/), of Elasticsearch
 * (https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-cluster-health).
 */
const words: Record<Meaning, string> = {
  failed:
    'failed failure failures failing fail error errors errored err degraded unhealthy invalid crashed crash crashing ' +
    'backoff rejected refused broken lost unavailable unreachable disconnected offline down dead fatal aborted expired ' +
    'misconfigured actionrequired conflict conflicted stalled timeout timedout unsupported denied corrupted critical faulted unrecoverable rollback ' +
    'cancelled canceled killed evicted impaired exhausted exceeded insufficient mismatch irreconcilable terminated ' +
    'unauthorized forbidden malformed diverged unsatisfiable unprocessable panicked stuck hung abnormal',
  progressing:
    'pending creating provisioning progressing progress initializing initialising initialization updating upgrading ' +
    'installing uninstalling reconciling deploying starting restarting configuring scaling waiting queued preparing ' +
    'processing building bootstrapping syncing synchronizing rolling migrating recovering restoring deleting expanding pausing ' +
    'terminating validating verifying resizing joining connecting downloading pulling requested scheduling unknown missing ' +
    'partial partially incomplete outdated stale blocked throttled notready ' +
    'outofsync red new planning applying attaching detaching inspecting warming submitting submitted rendering ' +
    'init initial initiating queue inqueue enqueued awaiting ongoing underway retrying resuming rebooting reloading ' +
    'draining rebalancing rotating allocating acquiring assigning binding issuing generating promoting testing ' +
    'analyzing evaluating executing checking publishing registering loading converging drifted transitioning shuttingdown ' +
    'unschedulable unresolved',
  suspended: 'suspended paused hibernated hibernating stopped halted disabled sleeping shutdown onhold',
  healthy:
    'ready running healthy active available succeeded success successful completed complete synced synchronized ok ' +
    'okay good bound established online connected deployed installed provisioned initialized created reconciled ' +
    'normal valid operational compliant exists found enabled stable up finished applied green yellow ' +
    'started done passed uptodate insync serving alive joined registered attached configured published loaded ' +
    'verified validated accepted issued optimal satisfied fulfilled current quorum enforced',
};

const meanings = new Map<string, Meaning>(
  (['healthy', 'suspended', 'progressing', 'failed'] as const).flatMap((meaning) =>
    words[meaning].split(' ').map((word) => [word, meaning] as const),
  ),
);

/** A state has a few words; more are a sentence, which may mention any of them. */
const MAX_WORDS = 4;
/** Words of a state without spaces, which is no sentence: `HelmInstallOrUpgradeFailed`. */
const MAX_PARTS = 8;
const negations = new Set(['no', 'not', 'non', 'without', 'never']);
/** With one of these, a name is about how failures are handled: `ConflictResolved`, `FailurePolicy`. */
const handling = new Set([
  'resolved',
  'recovered',
  'handled',
  'cleared',
  'allowed',
  'policy',
  'tolerance',
  'check',
]);
/** The worst meaning of several words counts: `CreateFailed`, `UpdateInProgress`. */
export const byWeight: readonly Meaning[] = ['failed', 'progressing', 'suspended', 'healthy'];

/**
 * What a state such as `CREATE_FAILED`, `NotReady` or `In Progress` says; undefined if it says nothing about health. A
 * comma, a colon or a bracket ends the state: `ERROR, no such secret` and `Running (3/3)`.
 */
export function meaningOf(state: string): Meaning | undefined {
  const text = state.replace(/[,:(].*/s, '').trim();
  const parts = wordsIn(text);
  if (parts.length === 0 || parts.length > (text.includes(' ') ? MAX_WORDS : MAX_PARTS)) return undefined;
  if (parts.some((part) => handling.has(part))) return undefined;
  const negation = parts.findIndex((part) => negations.has(part));
  if (negation === -1) return worst([...parts, ...pairsOf(parts), parts.join('')]);
  // A negation is about the words after it: `FailedNotVisible` has failed.
  return worst(parts.slice(0, negation)) === 'failed' ? 'failed' : negated(worst(parts.slice(negation)));
}

/** What is being done to an object, as a state of one word. */
const works = new Set(
  'bootstrap install upgrade update deploy create delete restart rollout scale scalein scaleout recover failover switchover maintenance'.split(
    ' ',
  ),
);
/** Words that end like work and do not say that something is unfinished. */
const lasting = new Set(
  'running serving listening operating working functioning passing succeeding existing streaming following leading watching monitoring warning nothing'.split(
    ' ',
  ),
);

/** What the value of a field for a state says. Words that the vocabulary does not have count if they name work: `Resharding`. */
export function stateMeaning(value: string): Meaning | undefined {
  const known = meaningOf(value);
  const words = wordsIn(value);
  const [word = ''] = words;
  if (known !== undefined || words.length !== 1 || value.trim().includes(' ')) return known;
  const isWork = works.has(word) || (/[a-z]{3}ing$/.test(word) && !lasting.has(word));
  return isWork ? 'progressing' : undefined;
}

/** `TimedOut` and `ImagePullBackOff` have a word of the vocabulary in two parts, and `OutOfSync` is one as a whole. */
function pairsOf(parts: readonly string[]): string[] {
  return parts.slice(1).map((part, index) => `${parts[index]}${part}`);
}

/** Whether a name is negated, as `NotReady` is. */
export function isNegated(name: string): boolean {
  return wordsIn(name).some((word) => negations.has(word));
}

/** The worst meaning of the words; `ScalingDown` is not down. */
function worst(parts: readonly string[]): Meaning | undefined {
  const telling = parts.filter((part, index) => part !== 'down' || !parts[index - 1]?.endsWith('ing'));
  const found = telling.flatMap((part) => meanings.get(part) ?? lackOf(part) ?? []);
  return byWeight.find((one) => found.includes(one));
}

/** `unscheduled`, `unapplied`: what has not been done yet. */
function lackOf(part: string): Meaning | undefined {
  const done = part.startsWith('un') ? part.slice(2) : '';
  return meanings.get(done) === 'healthy' || ['scheduled', 'assigned', 'allocated'].includes(done)
    ? 'progressing'
    : undefined;
}

/** `NotReady` is progressing and `NoErrors` healthy; no other negated state says anything. */
function negated(meaning: Meaning | undefined): Meaning | undefined {
  if (meaning === 'healthy') return 'progressing';
  return meaning === 'failed' ? 'healthy' : undefined;
}

/** First words of a message about a failure. */
const failureStarts = new Set(['error', 'err', 'failed', 'failure', 'fatal', 'invalid', 'unable']);
/** What a message says that is about something that may come yet, such as another object of the release. */
const waits =
  /\b(not (yet )?(been )?(ready|found|available|exist)|no such|waiting|pending|in progress|yet|retry|timed? ?out|refused)/i;

/** Whether a message begins like `Error: the checksums differ` or `failed to parse`, and does not wait for anything. */
export function tellsFailure(message: string): boolean {
  return failureStarts.has(wordsIn(message)[0] ?? '') && !tellsWaiting(message);
}

/** Whether a message says that something is not there or not ready yet. */
export function tellsWaiting(message: string): boolean {
  return waits.test(message);
}

/** The words of a name, lower case: those of `ReconcileError`, `reconcile_error` and `Reconcile error` are the same. */
export function wordsIn(text: string): string[] {
  return text
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== '');
}
