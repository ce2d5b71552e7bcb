import { isBuiltIn } from '../../health/generic.ts';
import { healthOf } from '../../health/index.ts';
import { oneLine, withoutSecrets } from '../../health/text.ts';
import type { Verdict } from '../../health/verdict.ts';
import { type Masks, secretMasks } from '../../model/masks.ts';
import type { KubeObject } from '../../model/object.ts';
import { templatePod } from './owner.ts';
import type { Reader } from './reader.ts';
import { warningsAbout } from './reason-events.ts';
import { sickBelow } from './reason-owned.ts';
import { type Cause, causeInPod, causeInPods } from './reason-pods.ts';
import { type PodsOf, workloadFollower } from './reason-workload.ts';

/** A sentence for a commit status's page, not a log. */
const LONGEST = 600;

/**
 * Why an object is not healthy, followed down from the workload over its newest revision to the container, its
 * last end and its events, and from a custom resource over the workload that its controller has made for it: `0 of 3 pods ready; pod web-…: ImagePullBackOff: image "web:v9" not found`. Values of
 * environment variables, hidden ones and what looks like a secret are masked. `verdict` is that of the rules it is judged by. Rejects only when the reader's signal aborts.
 */
export async function reasonOf(
  reader: Reader,
  object: KubeObject,
  verdict: Verdict = healthOf(object),
  masks: Masks = secretMasks,
): Promise<Cause> {
  const cause = await follow(reader, object, verdict);
  const message = masks.text(cause.message, object);
  return {
    message: oneLine(withoutSecrets(message, templatePod(object)), LONGEST),
    lasting: cause.lasting || verdict.state === 'failed',
  };
}

async function follow(reader: Reader, object: KubeObject, verdict: Verdict): Promise<Cause> {
  const own = { message: verdict.message, lasting: false };
  // Its own words say what holds it; its pods are going away as they should.
  if (verdict.state === 'terminating') return own;
  if (object.kind === 'Pod') return (await causeInPod(reader, object)) ?? own;
  const workload = workloadFollower(object);
  if (workload) return throughPods(reader, verdict, await workload(reader, object));
  const sick = isBuiltIn(object) ? undefined : await sickBelow(reader, object);
  if (sick) {
    const { message } = await follow(reader, sick, healthOf(sick));
    return { message: `${verdict.message}; ${sick.kind} ${sick.metadata.name}: ${message}`, lasting: false };
  }
  const [warning] = await warningsAbout(reader, object);
  // Controllers write one sentence into a condition and into an event.
  if (!warning || verdict.message.includes(warning.message)) return own;
  return { message: `${verdict.message}; ${warning.reason}: ${warning.message}`, lasting: false };
}

async function throughPods(reader: Reader, verdict: Verdict, of: PodsOf): Promise<Cause> {
  const cause = await causeInPods(reader, of.pods);
  const headline = of.headline ?? verdict.message;
  if (cause?.lasting) return { message: `${headline}; ${cause.message}`, lasting: true };
  if (of.refusal) return { message: join(of.headline, of.refusal), lasting: true };
  if (cause) return { message: `${headline}; ${cause.message}`, lasting: false };
  const [warning] = await warningsAbout(reader, of.creator);
  if (warning && !headline.includes(warning.message)) {
    return { message: `${headline}; ${warning.reason}: ${warning.message}`, lasting: false };
  }
  // `ProgressDeadlineExceeded` and the like are told by the workload alone.
  return { message: join(of.headline, verdict.message), lasting: false };
}

function join(headline: string | undefined, rest: string): string {
  return headline === undefined || headline === rest ? rest : `${headline}; ${rest}`;
}
