import { asObject, numberAt, objectAt, objectsAt, textAt } from '../../model/json.ts';
import type { JsonObject, KubeObject } from '../../model/object.ts';
import { oneLine, withoutSecrets } from '../text.ts';
import { describeExit } from './exit.ts';
import { pullProblem } from './image-pull.ts';

export interface ContainerProblem {
  /** `ImagePullBackOff: image "web:v9" not found` */
  message: string;
  /** The container's name, if the pod has several. */
  container?: string | undefined;
  /** The image that cannot be pulled. */
  pull?: PullFailure | undefined;
  /** Waiting does not help: somebody has to change something. */
  lasting: boolean;
  /** The container started and exited; without this it could not start. */
  crashed?: true;
}

export interface PullFailure {
  image: string;
  /** The kubelet's word: `ImagePullBackOff`. */
  reason: string;
  /** The pod's status says why; if not, its events may. */
  isExplained: boolean;
}

/** `container app: ImagePullBackOff: …`; without the name if the pod has only one container. */
export function describeProblem({ container, message }: ContainerProblem): string {
  return container === undefined ? message : `container ${container}: ${message}`;
}

const imageReasons = [
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
];

const configReasons = [
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'PreCreateHookError',
  'PreStartHookError',
  'PostStartHookError',
];

/**
 * The container problem that keeps a pod from being ready: a lasting one first, then in the order in which containers
 * start. Undefined if no container has a problem. A sidecar (an init container that is always restarted) must be ready
 * like any other (https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/). Source of the reasons:
 * https://github.com/kubernetes/kubernetes/tree/master/pkg/kubelet/images/types.go
 */
export function containerProblem(pod: KubeObject): ContainerProblem | undefined {
  const problems = pairs(pod).flatMap((pair) => problemOf(pod, pair) ?? []);
  return problems.find((problem) => problem.lasting) ?? problems[0];
}

interface Pair {
  spec: JsonObject;
  status: JsonObject;
  /** Must complete before the next container starts. */
  init: boolean;
}

function pairs(pod: KubeObject): Pair[] {
  const statuses = [
    ...objectsAt(pod, 'status', 'initContainerStatuses'),
    ...objectsAt(pod, 'status', 'containerStatuses'),
  ];
  const pair = (init: boolean) => (spec: JsonObject) => ({
    spec,
    status: statuses.find((status) => status.name === spec.name) ?? {},
    init: init && spec.restartPolicy !== 'Always',
  });
  return [
    ...objectsAt(pod, 'spec', 'initContainers').map(pair(true)),
    ...objectsAt(pod, 'spec', 'containers').map(pair(false)),
  ];
}

function problemOf(pod: KubeObject, pair: Pair): ContainerProblem | undefined {
  const { status, spec, init } = pair;
  const waiting = asObject(objectAt(status, 'state').waiting);
  if (waiting) return named(pod, spec, waitingProblem(pod, pair, waiting));
  const terminated = asObject(objectAt(status, 'state').terminated);
  if (terminated) {
    if (numberAt(terminated, 'exitCode') === 0 && (init || restartPolicy(pod, spec) !== 'Always'))
      return undefined;
    const message = describeExit(pod, spec, terminated, numberAt(status, 'restartCount'));
    const lasting = isCrashLoop(pair) || restartPolicy(pod, spec) === 'Never';
    return named(pod, spec, { message, lasting, crashed: true });
  }
  if (status.ready === true || !asObject(objectAt(status, 'state').running)) return undefined;
  return named(pod, spec, runningProblem(pod, pair));
}

function waitingProblem(pod: KubeObject, pair: Pair, waiting: JsonObject): ContainerProblem {
  const reason = textAt(waiting, 'reason');
  const message = textAt(waiting, 'message');
  if (reason === 'CrashLoopBackOff') {
    return { message: `${reason}: ${lastExit(pod, pair)}`, lasting: true, crashed: true };
  }
  if (imageReasons.includes(reason)) {
    return pullFailure(pod, textAt(pair.spec, 'image'), reason, message);
  }
  const detail = message === '' ? '' : `: ${oneLine(withoutSecrets(message, pod))}`;
  return { message: `${reason || 'waiting'}${detail}`, lasting: configReasons.includes(reason) };
}

function pullFailure(pod: KubeObject, image: string, reason: string, message: string): ContainerProblem {
  const why = pullProblem(image, reason, message);
  const text = withoutSecrets(why ?? `image "${image}" cannot be pulled`, pod);
  const pull = { image, reason, isExplained: why !== undefined };
  return { message: `${reason}: ${text}`, lasting: true, pull };
}

/** A container runs briefly between two crashes; that does not end the crash loop. */
function runningProblem(pod: KubeObject, pair: Pair): ContainerProblem {
  if (isCrashLoop(pair)) {
    return { message: `restarted again: ${lastExit(pod, pair)}`, lasting: true, crashed: true };
  }
  return { message: pair.init ? 'init container is running' : 'running, not ready yet', lasting: false };
}

/** One restart may be a dependency that started late; a second one is a loop. */
function isCrashLoop({ status }: Pair): boolean {
  return numberAt(status, 'restartCount') >= 2;
}

function lastExit(pod: KubeObject, { status, spec }: Pair): string {
  const last = asObject(objectAt(status, 'lastState').terminated);
  const restarts = numberAt(status, 'restartCount');
  return last ? describeExit(pod, spec, last, restarts) : 'exited for an unknown reason';
}

function named(pod: KubeObject, spec: JsonObject, problem: ContainerProblem): ContainerProblem {
  const count = objectsAt(pod, 'spec', 'initContainers').length + objectsAt(pod, 'spec', 'containers').length;
  if (count < 2) return problem;
  return { ...problem, container: textAt(spec, 'name') };
}

/** A container's own restartPolicy overrides the pod's. */
function restartPolicy(pod: KubeObject, container: JsonObject): string {
  return textAt(container, 'restartPolicy') || textAt(pod, 'spec', 'restartPolicy') || 'Always';
}
