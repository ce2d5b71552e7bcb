import { condition } from '../../health/conditions.ts';
import { pullProblem } from '../../health/containers/image-pull.ts';
import {
  type ContainerProblem,
  containerProblem,
  type PullFailure,
} from '../../health/containers/problem.ts';
import { podHealth, reportedProblem } from '../../health/kinds/pod.ts';
import { oneLine, withoutSecrets } from '../../health/text.ts';
import type { Cause } from '../../model/failure.ts';
import { objectsAt, textAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import type { Reader } from './reader.ts';
import { type Warning, warningsAbout } from './reason-events.ts';

/** Why a pod is not ready. */
export interface PodDiagnosis {
  /** The pod's own problem first, then what its events add. */
  causes: [Cause, ...Cause[]];
  /** The problem does not resolve by waiting. */
  lasting: boolean;
}

interface UnhealthyPod {
  pod: KubeObject;
  cause: Cause;
  problem: ContainerProblem | undefined;
  lasting: boolean;
  rank: number;
}

/**
 * Diagnoses the most significant unhealthy pod: one that fails permanently, then one that has ended, then one that cannot
 * be scheduled, then one that is starting. Undefined if all are healthy.
 */
export async function diagnosePods(reader: Reader, pods: KubeObject[]): Promise<PodDiagnosis | undefined> {
  const [worst] = pods.flatMap((pod) => problemOf(pod) ?? []).sort(bySignificance);
  return worst && withEvents(reader, worst);
}

function problemOf(pod: KubeObject): UnhealthyPod | undefined {
  const verdict = podHealth(pod);
  if (verdict.state === 'healthy') return undefined;
  const lasting = verdict.state === 'failed' && !isReplaced(pod);
  const problem = reportedProblem(pod);
  const cause: Cause = {
    summary: problem?.message ?? verdict.message,
    pod: textAt(pod, 'metadata', 'name'),
    container: problem?.container,
    image: problem?.pull?.image,
  };
  return { pod, cause, problem, lasting, rank: rankOf(pod, lasting) };
}

function rankOf(pod: KubeObject, lasting: boolean): number {
  if (lasting) return 0;
  if (hasEnded(pod)) return 1;
  return isUnscheduled(pod) ? 2 : 3;
}

/** A controller replaces a pod that has ended, and a Job limits its retries itself. */
function isReplaced(pod: KubeObject): boolean {
  const controller = objectsAt(pod, 'metadata', 'ownerReferences').find((owner) => owner.controller === true);
  if (!controller) return false;
  return hasEnded(pod) || (controller.kind === 'Job' && containerProblem(pod)?.crashed === true);
}

function hasEnded(pod: KubeObject): boolean {
  return textAt(pod, 'status', 'phase') === 'Failed';
}

function isUnscheduled(pod: KubeObject): boolean {
  return condition(pod, 'PodScheduled')?.status === 'False';
}

function bySignificance(a: UnhealthyPod, b: UnhealthyPod): number {
  const name = ({ pod }: UnhealthyPod) => textAt(pod, 'metadata', 'name');
  return a.rank - b.rank || name(a).localeCompare(name(b));
}

/** Only events report problems of mounts, sandboxes and probes. Older kubelets report image problems only there too. */
async function withEvents(
  reader: Reader,
  { pod, cause, problem, lasting }: UnhealthyPod,
): Promise<PodDiagnosis> {
  const unexplained = problem?.pull?.isExplained === false ? problem.pull : undefined;
  if ((lasting && !unexplained) || hasEnded(pod) || isUnscheduled(pod)) return { causes: [cause], lasting };
  const warnings = await warningsAbout(reader, pod);
  if (unexplained) return { causes: [{ ...cause, ...explainPull(pod, unexplained, warnings) }], lasting };
  // Ignore the scheduler's warnings: the pod has a node by now.
  const warning = warnings.find(({ reason }) => reason !== 'FailedScheduling');
  if (!warning) return { causes: [cause], lasting };
  const message = oneLine(withoutSecrets(warning.message, pod), 240);
  return { causes: [cause, { summary: `${warning.reason}: ${message}` }], lasting };
}

function explainPull(
  pod: KubeObject,
  { image, reason }: PullFailure,
  warnings: Warning[],
): Pick<Cause, 'summary'> | undefined {
  // The kubelet's format.
  const prefix = `Failed to pull image "${image}": `;
  const warning = warnings.find(({ message }) => message.startsWith(prefix));
  const why = warning && pullProblem(image, 'ErrImagePull', warning.message.slice(prefix.length));
  return why === undefined ? undefined : { summary: `${reason}: ${withoutSecrets(why, pod)}` };
}
