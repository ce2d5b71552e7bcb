import { objectsAt, textAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { condition, describeCondition } from '../conditions.ts';
import { type ContainerProblem, containerProblem, describeProblem } from '../containers/problem.ts';
import { oneLine } from '../text.ts';
import { failed, failedPermanently, healthy, progressing, type Verdict } from '../verdict.ts';

/**
 * Kstatus calls a failed bare pod Current; nothing restarts it, so here it has failed. A pod that cannot be scheduled is
 * progressing: a cluster autoscaler may be adding a node.
 */
export function podHealth(pod: KubeObject): Verdict {
  const phase = textAt(pod, 'status', 'phase');
  if (phase === 'Succeeded') return healthy('completed');
  if (phase === 'Failed') return failedPermanently(failure(pod));
  if (condition(pod, 'Ready')?.status === 'True') {
    return runsToItsEnd(pod) ? progressing('running, not completed yet') : healthy('ready');
  }
  const problem = containerProblem(pod);
  if (problem)
    return problem.lasting ? failed(describeProblem(problem)) : progressing(describeProblem(problem));
  const scheduled = condition(pod, 'PodScheduled');
  if (scheduled?.status === 'False') return progressing(oneLine(describeCondition(scheduled)));
  return progressing(unmetReadinessGate(pod) ?? 'waiting for its containers to start');
}

/** A pod without an owner that is not always restarted does one piece of work, like a Job. */
function runsToItsEnd(pod: KubeObject): boolean {
  const finite = ['Never', 'OnFailure'].includes(textAt(pod, 'spec', 'restartPolicy'));
  return finite && objectsAt(pod, 'metadata', 'ownerReferences').length === 0;
}

/** `Evicted: The node was low on resource: memory.`; without a reason, the problem of its container. */
function failure(pod: KubeObject): string {
  const reason = textAt(pod, 'status', 'reason');
  const message = oneLine(textAt(pod, 'status', 'message'));
  if (reason !== '') return message === '' ? reason : `${reason}: ${message}`;
  const problem = containerProblem(pod);
  return problem ? describeProblem(problem) : message || 'failed';
}

/** The container problem that the verdict on the pod is about, if it is about one. */
export function reportedProblem(pod: KubeObject): ContainerProblem | undefined {
  const phase = textAt(pod, 'status', 'phase');
  const hasOwnReason = phase === 'Failed' && textAt(pod, 'status', 'reason') !== '';
  const isReady = phase !== 'Failed' && condition(pod, 'Ready')?.status === 'True';
  return phase === 'Succeeded' || hasOwnReason || isReady ? undefined : containerProblem(pod);
}

/** A readiness gate that is not met, such as the registration with a load balancer. */
function unmetReadinessGate(pod: KubeObject): string | undefined {
  const ready = condition(pod, 'ContainersReady')?.status === 'True';
  const gate = objectsAt(pod, 'spec', 'readinessGates')
    .map((entry) => textAt(entry, 'conditionType'))
    .find((type) => condition(pod, type)?.status !== 'True');
  return ready && gate ? `its readiness gate ${gate} is not true` : undefined;
}
