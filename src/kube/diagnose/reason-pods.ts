import { condition } from '../../health/conditions.ts';
import { describePull } from '../../health/containers/image-pull.ts';
import { containerProblem } from '../../health/containers/problem.ts';
import { podHealth } from '../../health/kinds/pod.ts';
import { oneLine, withoutSecrets } from '../../health/text.ts';
import { objectsAt, textAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import type { Reader } from './reader.ts';
import { type Warning, warningsAbout } from './reason-events.ts';

export interface Cause {
  message: string;
  /** Does not end by waiting. */
  lasting: boolean;
}

interface Sick {
  pod: KubeObject;
  cause: Cause;
  rank: number;
}

/**
 * The pod that says most about why others like it are not ready: one that fails for good, then one that finds no
 * node, then one that is on its way. Undefined where none is sick.
 */
export async function causeInPods(reader: Reader, pods: KubeObject[]): Promise<Cause | undefined> {
  const [worst] = pods.flatMap((pod) => diagnose(pod) ?? []).sort(byTelling);
  if (!worst) return undefined;
  const { pod, cause } = worst;
  const message = await withEvents(reader, pod, cause);
  return { message: `pod ${textAt(pod, 'metadata', 'name')}: ${message}`, lasting: cause.lasting };
}

/** The same for a pod that stands alone. */
export async function causeInPod(reader: Reader, pod: KubeObject): Promise<Cause | undefined> {
  const sick = diagnose(pod);
  if (!sick) return undefined;
  return { message: await withEvents(reader, pod, sick.cause), lasting: sick.cause.lasting };
}

function diagnose(pod: KubeObject): Sick | undefined {
  const verdict = podHealth(pod);
  if (verdict.state === 'healthy') return undefined;
  const lasting = verdict.state === 'failed' && !isReplaced(pod);
  return { pod, cause: { message: verdict.message, lasting }, rank: rankOf(pod, lasting) };
}

function rankOf(pod: KubeObject, lasting: boolean): number {
  if (lasting) return 0;
  if (hasEnded(pod)) return 1;
  return isUnscheduled(pod) ? 2 : 3;
}

/** Its controller makes another in place of a pod that has ended, and how often a Job tries is the Job's to say. */
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

function byTelling(a: Sick, b: Sick): number {
  const name = ({ pod }: Sick) => textAt(pod, 'metadata', 'name');
  return a.rank - b.rank || name(a).localeCompare(name(b));
}

/** Mounts, sandboxes and probes tell their troubles only in events; so do older kubelets about images. */
async function withEvents(reader: Reader, pod: KubeObject, cause: Cause): Promise<string> {
  const vague = /cannot be pulled$/.test(cause.message);
  if ((cause.lasting && !vague) || hasEnded(pod) || isUnscheduled(pod)) return cause.message;
  const warnings = await warningsAbout(reader, pod);
  return (vague ? pulled(pod, cause, warnings) : warned(pod, cause, warnings)) ?? cause.message;
}

function pulled(pod: KubeObject, cause: Cause, warnings: Warning[]): string | undefined {
  const failure = warnings.find(({ message }) => message.startsWith('Failed to pull image'));
  const image = /image "([^"]*)"/.exec(failure?.message ?? '')?.[1];
  if (!failure || !image || !cause.message.includes(`"${image}"`)) return undefined;
  const why = describePull(
    image,
    'ErrImagePull',
    failure.message.replace(/^Failed to pull image "[^"]*": /, ''),
  );
  return withoutSecrets(
    cause.message.replace(/image "[^"]*" cannot be pulled$/, () => why),
    pod,
  );
}

function warned(pod: KubeObject, cause: Cause, warnings: Warning[]): string | undefined {
  // The scheduler's warnings of before the pod found its node are over.
  const warning = warnings.find(({ reason }) => reason !== 'FailedScheduling');
  if (!warning) return undefined;
  return `${cause.message}; ${warning.reason}: ${oneLine(withoutSecrets(warning.message, pod), 240)}`;
}
