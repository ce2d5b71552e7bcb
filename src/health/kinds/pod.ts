import { objectsAt, textAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { condition, describeCondition } from '../conditions.ts';
import { containerProblem } from '../containers/problem.ts';
import { oneLine } from '../text.ts';
import { failed, failedPermanently, healthy, progressing, type Verdict } from '../verdict.ts';

/**
 * Kstatus calls a failed bare pod Current; nothing starts it again, so for a release it has failed. A pod that
 * cannot be scheduled is waited for: a cluster autoscaler may be making room.
 */
export function podHealth(pod: KubeObject): Verdict {
  const phase = textAt(pod, 'status', 'phase');
  if (phase === 'Succeeded') return healthy('completed');
  if (phase === 'Failed') return failedPermanently(failure(pod));
  if (condition(pod, 'Ready')?.status === 'True') {
    return runsToItsEnd(pod) ? progressing('running, not completed yet') : healthy('ready');
  }
  const trouble = containerProblem(pod);
  if (trouble) return trouble.lasting ? failed(trouble.message) : progressing(trouble.message);
  const scheduled = condition(pod, 'PodScheduled');
  if (scheduled?.status === 'False') return progressing(oneLine(describeCondition(scheduled)));
  return progressing(missingAdmissionObject(pod) ?? 'waiting for its containers to start');
}

/** A pod of nobody that is not restarted for good does one piece of work, like a Job. */
function runsToItsEnd(pod: KubeObject): boolean {
  const finite = ['Never', 'OnFailure'].includes(textAt(pod, 'spec', 'restartPolicy'));
  return finite && objectsAt(pod, 'metadata', 'ownerReferences').length === 0;
}

/** `Evicted: The node was low on resource: memory.`, else what its container said. */
function failure(pod: KubeObject): string {
  const reason = textAt(pod, 'status', 'reason');
  const message = oneLine(textAt(pod, 'status', 'message'));
  if (reason !== '') return message === '' ? reason : `${reason}: ${message}`;
  return containerProblem(pod)?.message ?? (message || 'failed');
}

/** A condition outside the pod that it was told to wait for, such as a load balancer's registration. */
function missingAdmissionObject(pod: KubeObject): string | undefined {
  const ready = condition(pod, 'ContainersReady')?.status === 'True';
  const limiter = objectsAt(pod, 'spec', 'readinessGates')
    .map((entry) => textAt(entry, 'conditionType'))
    .find((type) => condition(pod, type)?.status !== 'True');
  return ready && limiter ? `its readiness gate ${limiter} is not true` : undefined;
}
