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

/** What a pod says about why it is not ready. */
export interface PodDiagnosis {
  /** The pod's own problem, then what its events add. */
  causes: [Cause, ...Cause[]];
  /** Waiting does not help. */
  lasting: boolean;
}

interface Sick {
  pod: KubeObject;
  cause: Cause;
  problem: ContainerProblem | undefined;
  lasting: boolean;
  rank: number;
}

/**
 * The pod that says most about why others like it are not ready: one that fails permanently, then one that finds no
 * node, then one that still starts. Undefined if none is sick.
 */
export async function diagnosePods(reader: Reader, pods: KubeObject[]): Promise<PodDiagnosis | undefined> {
  const [worst] = pods.flatMap((pod) => sickness(pod) ?? []).sort(bySignificance);
  return worst && withEvents(reader, worst);
}

function sickness(pod: KubeObject): Sick | undefined {
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

/** A controller replaces a pod that has ended, and a Job decides itself how often it tries. */
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

function bySignificance(a: Sick, b: Sick): number {
  const name = ({ pod }: Sick) => textAt(pod, 'metadata', 'name');
  return a.rank - b.rank || name(a).localeCompare(name(b));
}

/** Only events report problems of mounts, sandboxes and probes; older kubelets report those of images there too. */
async function withEvents(reader: Reader, { pod, cause, problem, lasting }: Sick): Promise<PodDiagnosis> {
  const unexplained = problem?.pull?.isExplained === false ? problem.pull : undefined;
  if ((lasting && !unexplained) || hasEnded(pod) || isUnscheduled(pod)) return { causes: [cause], lasting };
  const warnings = await warningsAbout(reader, pod);
  if (unexplained) return { causes: [{ ...cause, ...explainPull(pod, unexplained, warnings) }], lasting };
  // The scheduler's warnings from before the pod found its node are over.
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
  // As the kubelet writes it.
  const beginning = `Failed to pull image "${image}": `;
  const warning = warnings.find(({ message }) => message.startsWith(beginning));
  const why = warning && pullProblem(image, 'ErrImagePull', warning.message.slice(beginning.length));
  return why === undefined ? undefined : { summary: `${reason}: ${withoutSecrets(why, pod)}` };
}
