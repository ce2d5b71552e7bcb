import { asObject, numberAt, objectAt, objectsAt, textAt } from '../../model/json.ts';
import type { JsonObject, KubeObject } from '../../model/object.ts';
import { oneLine, withoutSecrets } from '../text.ts';
import { describeExit } from './exit.ts';
import { describePull } from './image-pull.ts';

export interface ContainerProblem {
  /** `ImagePullBackOff: image "web:v9" not found`, with the container's name where the pod has several. */
  message: string;
  /** Does not end by waiting: somebody must change something. */
  lasting: boolean;
  /** It has started and ended again; otherwise it cannot even start. */
  crashed?: true;
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
 * What keeps a pod from being ready, from its containers; undefined where all is well with them. Init containers
 * come first, as they run first; a sidecar (an init container that is always restarted) must be ready like any
 * other (https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/). Reasons:
 * https://github.com/kubernetes/kubernetes/tree/master/pkg/kubelet/images/types.go
 */
export function containerProblem(pod: KubeObject): ContainerProblem | undefined {
  const troubles = pairs(pod).flatMap((pair) => problemOf(pod, pair) ?? []);
  return troubles.find((trouble) => trouble.lasting) ?? troubles[0];
}

interface Pair {
  spec: JsonObject;
  status: JsonObject;
  /** Runs to its end before the others start. */
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
  const said = textAt(waiting, 'message');
  if (reason === 'CrashLoopBackOff') {
    return { message: `${reason}: ${lastExit(pod, pair)}`, lasting: true, crashed: true };
  }
  if (imageReasons.includes(reason)) {
    const pull = describePull(textAt(pair.spec, 'image'), reason, said);
    return { message: `${reason}: ${withoutSecrets(pull, pod)}`, lasting: true };
  }
  const detail = said === '' ? '' : `: ${oneLine(withoutSecrets(said, pod))}`;
  return { message: `${reason || 'waiting'}${detail}`, lasting: configReasons.includes(reason) };
}

/** Between two crashes a container runs for a moment; that does not end the crash loop. */
function runningProblem(pod: KubeObject, pair: Pair): ContainerProblem {
  if (isCrashLoop(pair)) {
    return { message: `restarted again: ${lastExit(pod, pair)}`, lasting: true, crashed: true };
  }
  return { message: pair.init ? 'init container is running' : 'running, not ready yet', lasting: false };
}

/** One restart may be a database that came up late; a second one is a loop. */
function isCrashLoop({ status }: Pair): boolean {
  return numberAt(status, 'restartCount') >= 2;
}

function lastExit(pod: KubeObject, { status, spec }: Pair): string {
  const last = asObject(objectAt(status, 'lastState').terminated);
  const restarts = numberAt(status, 'restartCount');
  return last ? describeExit(pod, spec, last, restarts) : 'it ended, and why is not known';
}

function named(pod: KubeObject, spec: JsonObject, trouble: ContainerProblem): ContainerProblem {
  const count = objectsAt(pod, 'spec', 'initContainers').length + objectsAt(pod, 'spec', 'containers').length;
  if (count < 2) return trouble;
  return { ...trouble, message: `container ${textAt(spec, 'name')}: ${trouble.message}` };
}

/** A container may have its own. */
function restartPolicy(pod: KubeObject, container: JsonObject): string {
  return textAt(container, 'restartPolicy') || textAt(pod, 'spec', 'restartPolicy') || 'Always';
}
